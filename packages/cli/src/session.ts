/** What every command works with: who is logged in where, where it writes, and what was asked of all commands alike. */
import { ApiClient, type ApiObject } from './api-client.ts'
import type { ConfigFile } from './config-file.ts'
import { withContext, withLogin, type Login } from './logins.ts'
import { freshLogin } from './oidc/fresh-login.ts'

export interface CommonOptions {
  readonly namespace?: string
  readonly as?: string
  readonly asGroup?: readonly string[]
}

export interface Surroundings {
  readonly env: NodeJS.ProcessEnv
  /** Whether somebody is there who reads what is asked. */
  readonly isTerminal: boolean
  readonly write: (text: string) => void
  readonly warn: (text: string) => void
}

export class Session {
  readonly config: ConfigFile
  readonly env: NodeJS.ProcessEnv
  readonly isTerminal: boolean
  readonly write: (text: string) => void
  readonly warn: (text: string) => void
  #token: Promise<string> | undefined

  constructor(config: ConfigFile, { env, isTerminal, write, warn }: Surroundings) {
    this.config = config
    this.env = env
    this.isTerminal = isTerminal
    this.write = write
    this.warn = warn
  }

  get login(): Login {
    return this.config.login
  }

  /** Becomes the current one; others stay. */
  save(login: Login): void {
    this.config.change((file) => withLogin(file, login))
  }

  /** One that is there becomes the current one, with whatever token it has by now. */
  resume(login: Login): void {
    this.config.change((file) => withContext(file, login))
  }

  /** One that lasts, for requests and for other tools; renewed once for a command. */
  token(): Promise<string> {
    this.#token ??= freshLogin(this.config, this.login).then(({ token }) => token)
    return this.#token
  }

  client({ as: user, asGroup: groups = [] }: CommonOptions = {}): ApiClient {
    const actor = user === undefined && groups.length === 0 ? undefined : { user, groups }
    return new ApiClient(this.login, async () => `Bearer ${await this.token()}`, actor)
  }

  project({ namespace }: CommonOptions): string {
    return namespace ?? this.login.project
  }

  say(line: string): void {
    this.write(`${line}\n`)
  }
}

export const nameOf = ({ metadata }: ApiObject): string => metadata.name
