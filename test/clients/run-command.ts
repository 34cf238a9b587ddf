import { spawn } from 'node:child_process'

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly input?: string
}

const GIVE_UP_AFTER_MS = 300_000

/**
 * Runs a real client and resolves to its standard output; rejects, with all that it said, when it ends with anything but 0. It sees
 * nothing of the caller's environment but the PATH: no proxy, no login, no configuration of whoever runs the tests.
 */
export function runCommand(
  command: string,
  args: readonly string[],
  { env = {}, cwd, input }: CommandOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: { PATH: process.env['PATH'], LANG: 'C.UTF-8', ...env },
      cwd,
      timeout: GIVE_UP_AFTER_MS,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    // A client that refuses before it has read its input is no error of ours: its exit code says all.
    child.stdin.on('error', () => undefined).end(input)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === 0) resolve(stdout)
      else {
        const shown = [command, ...args].join(' ')
        reject(new Error(`${shown} ended with ${code ?? signal}:\n${stderr}${stdout}`))
      }
    })
  })
}
