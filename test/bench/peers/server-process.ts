/** One server process, its log in a file beside its data (for every peer alike), ended when the bench ends. */
import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const START_MS = 30_000
const STOP_MS = 10_000

const alive = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})

export interface ServerProcess {
  readonly pid: number
  readonly url: string
  stop(): Promise<void>
}

export interface ServerCommand {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly logFile: string
  /** The URL it answers at, as soon as its log says so. */
  readonly urlFrom: (log: string) => string | undefined
}

export async function startServer(command: ServerCommand): Promise<ServerProcess> {
  const log = openSync(command.logFile, 'a')
  const child = spawn(command.file, command.args, {
    env: { ...process.env, ...command.env },
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  alive.add(child)
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve())
    child.once('exit', () => resolve())
  }).then(() => void alive.delete(child))

  const stop = async (): Promise<void> => {
    if (!alive.has(child)) return
    child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    await ended
    clearTimeout(late)
  }

  for (const until = Date.now() + START_MS; Date.now() < until && alive.has(child);) {
    const url = command.urlFrom(readFileSync(command.logFile, 'utf8'))
    if (url !== undefined && child.pid !== undefined && (await answers(url))) {
      return { pid: child.pid, url, stop }
    }
    await sleep(50)
  }
  await stop()
  const said = readFileSync(command.logFile, 'utf8').slice(-500)
  throw new Error(`${command.file} did not start: ${said || 'it said nothing'}`)
}

async function answers(url: string): Promise<boolean> {
  try {
    return [200, 401].includes((await fetch(`${url}/v2/`)).status)
  } catch {
    return false
  }
}
