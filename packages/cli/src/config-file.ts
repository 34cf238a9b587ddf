/**
 * Where the user is logged in: clusters, users and contexts, in the form of Kubernetes' kubeconfig, in
 * `$XDG_CONFIG_HOME/sluice/config`. It holds tokens: nobody else may read it.
 */
import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { parse, stringify } from 'yaml'
import { CommandError } from './command-error.ts'

export interface Login {
  /** `https://host[:port]`. */
  readonly server: string
  readonly certificateAuthority?: string
  readonly insecure?: boolean
  readonly user: string
  readonly token: string
  readonly project: string
}

interface File {
  readonly clusters: readonly { readonly name: string; readonly cluster: Cluster }[]
  readonly users: readonly { readonly name: string; readonly user: { readonly token: string } }[]
  readonly contexts: readonly { readonly name: string; readonly context: Context }[]
  readonly 'current-context': string
}

interface Cluster {
  readonly server: string
  readonly 'certificate-authority'?: string
  readonly 'insecure-skip-tls-verify'?: boolean
}

interface Context {
  readonly cluster: string
  readonly user: string
  readonly namespace: string
}

const EMPTY: File = { clusters: [], users: [], contexts: [], 'current-context': '' }

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
    const file = this.#read()
    const context = file.contexts.find(({ name }) => name === file['current-context'])?.context
    const cluster = file.clusters.find(({ name }) => name === context?.cluster)?.cluster
    const user = file.users.find(({ name }) => name === context?.user)
    if (!context || !cluster || !user)
      throw new CommandError('error: You must be logged in: sluice login <server>')
    const ca = cluster['certificate-authority']
    return {
      server: cluster.server,
      ...(ca === undefined ? {} : { certificateAuthority: ca }),
      insecure: cluster['insecure-skip-tls-verify'] === true,
      user: user.name.slice(0, user.name.lastIndexOf('/')),
      token: user.user.token,
      project: context.namespace,
    }
  }

  /** Becomes the current one; others stay. */
  save(login: Login): void {
    const file = this.#read()
    const host = new URL(login.server).host
    const user = `${login.user}/${host}`
    const name = `${login.project}/${host}/${login.user}`
    const cluster: Cluster = {
      server: login.server,
      ...(login.certificateAuthority === undefined
        ? {}
        : { 'certificate-authority': login.certificateAuthority }),
      ...(login.insecure ? { 'insecure-skip-tls-verify': true } : {}),
    }
    this.#write({
      clusters: [...others(file.clusters, host), { name: host, cluster }],
      users: [...others(file.users, user), { name: user, user: { token: login.token } }],
      contexts: [
        ...others(file.contexts, name),
        { name, context: { cluster: host, user, namespace: login.project } },
      ],
      'current-context': name,
    })
  }

  /** Forgets the token; the answer is who was logged in. */
  logout(): Login {
    const { login } = this
    const file = this.#read()
    const user = `${login.user}/${new URL(login.server).host}`
    this.#write({ ...file, users: others(file.users, user) })
    return login
  }

  #read(): File {
    let text: string
    try {
      text = readFileSync(this.#path, 'utf8')
    } catch {
      return EMPTY
    }
    if ((statSync(this.#path).mode & 0o077) !== 0) {
      this.#warn(
        `Warning: ${this.#path} can be read by others: it is closed now, and its tokens may be known`,
      )
      chmodSync(this.#path, 0o600)
    }
    const found = parse(text) as Partial<File> | null
    return { ...EMPTY, ...found }
  }

  #write(file: File): void {
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 })
    const next = `${this.#path}.${process.pid}`
    writeFileSync(next, stringify({ apiVersion: 'v1', kind: 'Config', ...file }), { mode: 0o600 })
    renameSync(next, this.#path)
  }
}

const others = <T extends { readonly name: string }>(all: readonly T[], name: string): T[] =>
  all.filter((one) => one.name !== name)
