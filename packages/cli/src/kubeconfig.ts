/** Clusters, users and contexts, in the form of Kubernetes' kubeconfig. */

/** What a container tool had `docker-credential-sluice` keep. */
export interface StoredCredential {
  readonly username: string
  readonly secret: string
}

export interface Kubeconfig {
  readonly clusters: readonly Named<'cluster', Cluster>[]
  readonly users: readonly Named<'user', User>[]
  readonly contexts: readonly Named<'context', Context>[]
  readonly 'current-context': string
  /** By host; not Kubernetes'. */
  readonly credentials: readonly Named<'credential', StoredCredential>[]
}

type Named<Field extends string, Value> = { readonly name: string } & Readonly<Record<Field, Value>>

export interface Cluster {
  readonly server: string
  readonly 'certificate-authority'?: string
  readonly 'insecure-skip-tls-verify'?: boolean
}

interface User {
  readonly token: string
  readonly 'auth-provider'?: { readonly name: 'oidc'; readonly config: OidcConfig }
}

interface OidcConfig {
  readonly 'idp-issuer-url': string
  readonly 'client-id': string
  readonly 'refresh-token': string
}

interface Context {
  readonly cluster: string
  readonly user: string
  readonly namespace: string
}

export const EMPTY: Kubeconfig = {
  clusters: [],
  users: [],
  contexts: [],
  'current-context': '',
  credentials: [],
}
