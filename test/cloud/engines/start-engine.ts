/** One foreign server process, its words in a file, ended with whoever started it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../free-port.ts'

const READY_WITHIN_MS = 60_000
const END_WITHIN_MS = 10_000

export interface Engine {
  /** `http://host:port`, without a slash at its end. */
  readonly url: string
  readonly pid: number
  /** All that it has written so far. */
  log(): string
  /** Ends the process and removes what it kept. */
  close(): Promise<void>
}

export interface EngineCommand {
  readonly name: string
  /** Without one, any that is free. */
  readonly port?: number
  /** By which name clients call it; it listens on 127.0.0.1 in any case. */
  readonly host?: string
  /** Where to keep its data; without one a temporary directory comes and goes with it. */
  readonly directory?: string
  /** Without one, a minute. */
  readonly readyWithinMs?: number
  /** `directory` is the one above, or the temporary one. */
  readonly command: (where: { readonly port: number; readonly directory: string }) => {
    readonly file: string
    readonly args: readonly string[]
    readonly env?: Readonly<Record<string, string>>
  }
}

const alive = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})

export async function startEngine(engine: EngineCommand): Promise<Engine> {
  const temporary = mkdtempSync(join(tmpdir(), `sluice-${engine.name}-`))
  const port = engine.port ?? (await freePort())
  const { file, args, env } = engine.command({ port, directory: engine.directory ?? temporary })
  const logFile = join(temporary, 'engine.log')
  const log = openSync(logFile, 'a')
  const child = spawn(file, args, {
    env: { ...process.env, ...env },
    cwd: temporary,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  alive.add(child)
  let unspawned = ''
  const ended = new Promise<void>((resolve) => {
    child.once('error', ({ message }) => {
      unspawned = message
      resolve()
    })
    child.once('exit', () => resolve())
  }).then(() => void alive.delete(child))

  let lastWords: string | undefined
  const said = (): string => lastWords ?? readFileSync(logFile, 'utf8')
  const close = async (): Promise<void> => {
    if (alive.has(child)) child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS)
    await ended
    clearTimeout(late)
    lastWords ??= said()
    rmSync(temporary, { recursive: true, force: true })
  }

  const { readyWithinMs = READY_WITHIN_MS } = engine
  for (const until = Date.now() + readyWithinMs; Date.now() < until && alive.has(child);) {
    if (await answers(port)) {
      const url = `http://${engine.host ?? '127.0.0.1'}:${port}`
      return { url, pid: child.pid ?? 0, log: said, close }
    }
    await sleep(50)
  }
  await close()
  throw new Error(
    `${engine.name} did not start: ${unspawned || said().slice(-1000) || 'it said nothing'}`,
  )
}

/** Any answer at all: an engine refuses what is not signed. */
async function answers(port: number): Promise<boolean> {
  try {
    await (await fetch(`http://127.0.0.1:${port}/`)).arrayBuffer()
    return true
  } catch {
    return false
  }
}
