/** A command that waits for its user, and what it has said so far. */
import { spawn } from 'node:child_process'

export interface StartedCommand {
  /** The first group of what is to be said, once it has been. */
  says(wanted: RegExp): Promise<string>
  /** As on its keyboard. */
  readonly type: (text: string) => void
  /** All that it said on standard output; rejects, with all that it said, when it ends with anything but 0. */
  readonly ended: Promise<string>
}

export function startCommand(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): StartedCommand {
  const child = spawn(command, args, {
    env: { PATH: process.env['PATH'], LANG: 'C.UTF-8', ...env },
    stdio: 'pipe',
  })
  let stdout = ''
  let stderr = ''
  const ended = new Promise<string>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(stdout)
      else reject(new Error(`${args.join(' ')} ended with ${code}:\n${stderr}${stdout}`))
    })
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  // Whoever awaits `says` hears of an end; nobody else need to.
  ended.catch(() => undefined)
  return {
    ended,
    type: (text) => void child.stdin.write(text),
    says: (wanted) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = wanted.exec(stdout)
          if (found) resolve(found[1] ?? found[0])
        }
        child.stdout.on('data', look)
        look()
        ended.then((all) => reject(new Error(`it never said ${wanted}: ${all}`)), reject)
      }),
  }
}
