/** What every command works with: who is logged in where, where it writes, and what was asked of all commands alike. */
import { ApiClient, type ApiObject } from './api-client.ts'
import { ConfigFile, type Login } from './config-file.ts'

export interface CommonOptions {
  readonly namespace?: string
  readonly as?: string
}

export class Session {
  readonly config: ConfigFile
  readonly env: NodeJS.ProcessEnv
  readonly write: (text: string) => void
  readonly warn: (text: string) => void

  constructor(
    config: ConfigFile,
    env: NodeJS.ProcessEnv,
    write: (text: string) => void,
    warn: (text: string) => void,
  ) {
    this.config = config
    this.env = env
    this.write = write
    this.warn = warn
  }

  get login(): Login {
    return this.config.login
  }

  client({ as }: CommonOptions = {}): ApiClient {
    const { login } = this
    return new ApiClient(login, `Bearer ${login.token}`, as)
  }

  project({ namespace }: CommonOptions): string {
    return namespace ?? this.login.project
  }

  say(line: string): void {
    this.write(`${line}\n`)
  }
}

export const nameOf = ({ metadata }: ApiObject): string => metadata.name
