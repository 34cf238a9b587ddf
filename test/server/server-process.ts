import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { START_ARGUMENTS } from '../start-arguments.ts'

/** A server process as an operator starts it; `said` is its standard output, `logged` its standard error. */
export class ServerProcess {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>
  readonly #ended: Promise<unknown>
  said = ''
  logged = ''

  /** `program`: what else Node is given than `npm start` does. */
  constructor(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    program = START_ARGUMENTS,
  ) {
    const own = Object.entries(process.env).filter(([name]) => !name.startsWith('SLUICE_'))
    this.#child = spawn(process.execPath, [...program, ...args], {
      env: { ...Object.fromEntries(own), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child.stdout.on('data', (chunk: Buffer) => (this.said += chunk.toString()))
    this.#child.stderr.on('data', (chunk: Buffer) => (this.logged += chunk.toString()))
    this.#ended = once(this.#child, 'close')
  }

  async url(within = 15_000): Promise<string> {
    for (const deadline = Date.now() + within; ;) {
      const url = /listening on (\S+)\n[^]*podman login.*\n/.exec(this.said)?.[1]
      if (url !== undefined) return url
      if (Date.now() > deadline || this.#child.exitCode !== null) {
        throw new Error(`it does not listen: ${this.said}${this.logged}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  async untilLogged(text: string): Promise<void> {
    for (const deadline = Date.now() + 10_000; !this.logged.includes(text);) {
      if (Date.now() > deadline) throw new Error(`${text} is not in ${this.logged}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  /** Both pipes, as when a pager or a terminal ends. */
  closeOutput(): void {
    this.#child.stdout.destroy()
    this.#child.stderr.destroy()
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async exitCode(): Promise<number | null> {
    await this.#ended
    return this.#child.exitCode
  }
}
