import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const READY_WITHIN_MS = 60_000

/** Starts an engine for one test file and waits until it answers; gives what stops it, by its process id and no other way. */
export async function startDaemon(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  logFile: string,
  answers: () => Promise<unknown>,
): Promise<() => Promise<void>> {
  const log = openSync(logFile, 'a')
  const daemon = spawn(command, args, {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  const ended = once(daemon, 'exit')
  const killWithUs = (): void => void daemon.kill('SIGTERM')
  process.once('exit', killWithUs)
  const stop = async (): Promise<void> => {
    daemon.kill('SIGTERM')
    await ended
    process.removeListener('exit', killWithUs)
  }
  await untilAnswered(daemon, answers).catch(async (cause: unknown) => {
    if (daemon.exitCode === null) await stop()
    const said = readFileSync(logFile, 'utf8')
    throw new Error(`${command} did not come up:\n${said}`, { cause })
  })
  return stop
}

async function untilAnswered(daemon: ChildProcess, answers: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS
  for (;;) {
    try {
      await answers()
      return
    } catch (error) {
      if (daemon.exitCode !== null || Date.now() > deadline) throw error
      await sleep(200)
    }
  }
}
