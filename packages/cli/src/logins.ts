/** The logins that a kubeconfig holds, and how it changes with them. Nothing here reads or writes. */
import type { Cluster, Kubeconfig, StoredCredential } from './kubeconfig.ts'

export interface Login {
  /** `https://host[:port]`. */
  readonly server: string
  readonly certificateAuthority?: string
  readonly insecure?: boolean
  readonly user: string
  readonly token: string
  /** With it the token is renewed; the registry's own tokens just expire. */
  readonly renewal?: Renewal
  readonly project: string
}

export interface Renewal {
  readonly issuer: string
  readonly clientId: string
  readonly refreshToken: string
}

export const hostOf = (server: string): string => new URL(server).host

const userName = (user: string, host: string): string => `${user}/${host}`

const contextName = ({ project, user, server }: Login): string =>
  `${project}/${hostOf(server)}/${user}`

/** `undefined` for one that was logged out of. */
function loginOf(file: Kubeconfig, name: string): Login | undefined {
  const context = file.contexts.find((one) => one.name === name)?.context
  const cluster = file.clusters.find((one) => one.name === context?.cluster)?.cluster
  const found = file.users.find((one) => one.name === context?.user)
  if (!context || !cluster || !found) return undefined
  const ca = cluster['certificate-authority']
  const { token, 'auth-provider': provider } = found.user
  return {
    server: cluster.server,
    ...(ca === undefined ? {} : { certificateAuthority: ca }),
    insecure: cluster['insecure-skip-tls-verify'] === true,
    user: found.name.slice(0, found.name.lastIndexOf('/')),
    token,
    ...(provider && {
      renewal: {
        issuer: provider.config['idp-issuer-url'],
        clientId: provider.config['client-id'],
        refreshToken: provider.config['refresh-token'],
      },
    }),
    project: context.namespace,
  }
}

export const currentLogin = (file: Kubeconfig): Login | undefined =>
  loginOf(file, file['current-context'])

/** The one last used of each server, by host; the current one of its own. */
export function loginsByHost(file: Kubeconfig): ReadonlyMap<string, Login> {
  const current = currentLogin(file)
  const all = [...file.contexts.map(({ name }) => loginOf(file, name)), current]
  return new Map(all.flatMap((login) => (login ? [[hostOf(login.server), login]] : [])))
}

/** As the login is known by now: another process may have renewed it. */
export const sameLogin = (file: Kubeconfig, login: Login): Login | undefined =>
  loginOf(file, contextName(login))

/** With `login`, which becomes the current one; what a tool had stored for its server gives way to it. */
export function withLogin(file: Kubeconfig, login: Login): Kubeconfig {
  const changed = withContext(withToken(file, login), login)
  return { ...changed, credentials: others(file.credentials, hostOf(login.server)) }
}

/** As `withLogin`, of one that is there: its token may be newer in the file than in `login`. */
export function withContext(file: Kubeconfig, login: Login): Kubeconfig {
  const host = hostOf(login.server)
  const name = contextName(login)
  const context = { cluster: host, user: userName(login.user, host), namespace: login.project }
  const cluster: Cluster = {
    server: login.server,
    ...(login.certificateAuthority === undefined
      ? {}
      : { 'certificate-authority': login.certificateAuthority }),
    ...(login.insecure ? { 'insecure-skip-tls-verify': true } : {}),
  }
  return {
    ...file,
    clusters: [...others(file.clusters, host), { name: host, cluster }],
    contexts: [...others(file.contexts, name), { name, context }],
    'current-context': name,
  }
}

export function withToken(file: Kubeconfig, { user, server, token, renewal }: Login): Kubeconfig {
  const name = userName(user, hostOf(server))
  const provider = renewal && {
    name: 'oidc' as const,
    config: {
      'idp-issuer-url': renewal.issuer,
      'client-id': renewal.clientId,
      'refresh-token': renewal.refreshToken,
    },
  }
  const entry = { token, ...(provider && { 'auth-provider': provider }) }
  return { ...file, users: [...others(file.users, name), { name, user: entry }] }
}

export const withoutUser = (file: Kubeconfig, { user, server }: Login): Kubeconfig => ({
  ...file,
  users: others(file.users, userName(user, hostOf(server))),
})

export const withCredential = (
  file: Kubeconfig,
  host: string,
  credential: StoredCredential,
): Kubeconfig => ({
  ...file,
  credentials: [...others(file.credentials, host), { name: host, credential }],
})

/** Nothing of that server opens anything any more. */
export const withoutHost = (file: Kubeconfig, host: string): Kubeconfig => ({
  ...file,
  users: file.users.filter(({ name }) => name.slice(name.lastIndexOf('/') + 1) !== host),
  credentials: others(file.credentials, host),
})

const others = <T extends { readonly name: string }>(all: readonly T[], name: string): T[] =>
  all.filter((one) => one.name !== name)
