/** Where the user is logged in: `$XDG_CONFIG_HOME/sluice/config`. It holds tokens: nobody else may read it. */
import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { parse, stringify } from 'yaml'
import { CommandError } from './command-error.ts'
import { lockFile } from './exclusive-file.ts'
import { EMPTY, type Kubeconfig } from './kubeconfig.ts'
import { currentLogin, type Login } from './logins.ts'

export const configPath = (env: NodeJS.ProcessEnv): string =>
  join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'sluice', 'config')

export class ConfigFile {
  readonly #path: string
  readonly #warn: (text: string) => void

  constructor(path: string, warn: (text: string) => void) {
    this.#path = path
    this.#warn = warn
  }

  get login(): Login {
    const login = currentLogin(this.read())
    if (login) return login
    throw new CommandError('error: You must be logged in: sluice login <server>')
  }

  read(): Kubeconfig {
    let text: string
    try {
      text = readFileSync(this.#path, 'utf8')
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return EMPTY
      throw new CommandError(`error: ${this.#path} cannot be read`, { cause: error })
    }
    if ((statSync(this.#path).mode & 0o077) !== 0) {
      this.#warn(
        `Warning: ${this.#path} can be read by others: it is closed now, and its tokens may be known`,
      )
      chmodSync(this.#path, 0o600)
    }
    try {
      return { ...EMPTY, ...(parse(text) as Partial<Kubeconfig> | null) }
    } catch (error) {
      throw new CommandError(`error: ${this.#path} is no YAML: remove it and log in again`, {
        cause: error,
      })
    }
  }

  /** What `change` makes of the file as no other process changes it meanwhile. */
  change(change: (file: Kubeconfig) => Kubeconfig): void {
    const unlock = this.#lock()
    try {
      this.#write(change(this.read()))
    } finally {
      unlock()
    }
  }

  /** As `change`, with a result, and where what is to be written must be asked for first. */
  async changeSlowly<Result>(
    change: (file: Kubeconfig, write: (changed: Kubeconfig) => void) => Promise<Result>,
  ): Promise<Result> {
    const unlock = this.#lock()
    try {
      return await change(this.read(), (changed) => this.#write(changed))
    } finally {
      unlock()
    }
  }

  #lock(): () => void {
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 })
    return lockFile(join(dirname(this.#path), 'lock.sqlite'))
  }

  #write(file: Kubeconfig): void {
    const next = `${this.#path}.${process.pid}`
    writeFileSync(next, stringify({ apiVersion: 'v1', kind: 'Config', ...file }), { mode: 0o600 })
    renameSync(next, this.#path)
  }
}
