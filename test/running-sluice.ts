import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RegistryUnderTest } from './registry-under-test.ts'
import { START_ARGUMENTS } from './start-arguments.ts'

const USER = 'kubeadmin'
const READY_WITHIN_MS = 30_000
const DRAINED_WITHIN_MS = 30_000

export interface StartOptions {
  /** 0, the default, lets the system choose. */
  readonly port?: number
  readonly env?: Readonly<Record<string, string>>
  /** A folder of the caller's stays when the server stops; without one a temporary one comes and goes with it. */
  readonly dataDir?: string
  readonly tls?: { readonly certFile: string; readonly keyFile: string }
}

export interface RunningSluice extends RegistryUnderTest {
  readonly dataDir: string
  readonly pid: number
  /** SIGKILL, as a power cut would. */
  kill(): Promise<void>
}

/** A real server process on 127.0.0.1, of the Node that runs the tests, with a password that nobody else knows. */
export async function startSluice(options: StartOptions = {}): Promise<RunningSluice> {
  const temporary = mkdtempSync(join(tmpdir(), 'sluice-test-'))
  const dataDir = options.dataDir ?? join(temporary, 'data')
  const logFile = join(temporary, 'server.log')
  const password = options.env?.['SLUICE_ADMIN_PASSWORD'] ?? randomBytes(12).toString('hex')

  const log = openSync(logFile, 'a')
  const server = spawn(process.execPath, START_ARGUMENTS, {
    stdio: ['ignore', log, log],
    env: {
      ...withoutOwnSettings(process.env),
      SLUICE_ADDRESS: '127.0.0.1',
      SLUICE_PORT: String(options.port ?? 0),
      SLUICE_DATA_DIR: dataDir,
      SLUICE_ADMIN_PASSWORD: password,
      ...(options.tls && {
        SLUICE_TLS_CERT: options.tls.certFile,
        SLUICE_TLS_KEY: options.tls.keyFile,
      }),
      ...options.env,
    },
  })
  closeSync(log)
  const ended = once(server, 'exit')
  const killWithUs = (): void => void server.kill('SIGKILL')
  process.once('exit', killWithUs)

  const hasEnded = (): boolean => server.exitCode !== null || server.signalCode !== null
  let lastWords: string | undefined
  const said = (): string => lastWords ?? readFileSync(logFile, 'utf8')
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const impatient = setTimeout(killWithUs, DRAINED_WITHIN_MS)
    if (!hasEnded()) server.kill(signal)
    await ended
    clearTimeout(impatient)
    process.removeListener('exit', killWithUs)
    lastWords ??= said()
    rmSync(temporary, { recursive: true, force: true })
  }

  const url = await listeningAt(said, hasEnded).catch(async (error: unknown) => {
    await end('SIGKILL')
    throw error
  })
  return {
    url,
    host: new URL(url).host,
    user: USER,
    password,
    dataDir,
    pid: server.pid ?? 0,
    log: said,
    stop: async () => {
      await end('SIGTERM')
      if (server.exitCode !== 0) {
        throw new Error(`Sluice ended with ${server.exitCode ?? server.signalCode}:\n${said()}`)
      }
    },
    kill: () => end('SIGKILL'),
  }
}

/** The settings of whoever runs the tests must not reach the server under test. */
function withoutOwnSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('SLUICE_')))
}

/** Waits for the line in which the server says where it listens. */
async function listeningAt(said: () => string, hasEnded: () => boolean): Promise<string> {
  const deadline = Date.now() + READY_WITHIN_MS
  for (;;) {
    const over = hasEnded() || Date.now() > deadline
    const address = /listening on (https?:\/\/[^\s"',]+:\d+)/i.exec(said())?.[1]
    if (address !== undefined) return address
    if (over) throw new Error(`Sluice did not say where it listens:\n${said()}`)
    await sleep(20)
  }
}
