/** What somebody did in the registry, as others are told of it: in lines of audit and in events. */
import type { Digest } from './digest.ts'
import type { Identity } from './ports/identity-provider.ts'
import type { Tag } from './reference.ts'
import type { RepositoryName } from './repository-name.ts'

export const IMAGE_ACTIONS = ['push', 'pull', 'mount', 'delete'] as const
export type ImageAction = (typeof IMAGE_ACTIONS)[number]

export interface ImageTarget {
  readonly what: 'manifest' | 'blob' | 'tag' | 'repository'
  readonly repository: RepositoryName
  readonly digest?: Digest
  readonly tag?: Tag
  readonly mediaType?: string
  /** Bytes of the manifest itself, or of the blob. */
  readonly size?: number
  /** Of a mount. */
  readonly fromRepository?: RepositoryName
}

/** An object of the admin API. */
export interface ObjectTarget {
  /** `rolebindings.rbac.authorization.k8s.io`. */
  readonly resource: string
  readonly namespace?: string
  readonly name: string
  /** What a binding grants, and to whom. */
  readonly role?: string
  readonly subjects?: readonly string[]
}

/** Done, or (a login alone) refused. */
export type Deed =
  | { readonly kind: 'image'; readonly action: ImageAction; readonly target: ImageTarget }
  | {
      readonly kind: 'object'
      readonly action: 'create' | 'update' | 'delete'
      readonly target: ObjectTarget
    }
  | { readonly kind: 'login'; readonly user: string | undefined; readonly refused: string }

/** What is known of the request; nothing of it is believed but where it came from. */
export interface RequestFacts {
  readonly id: string
  /** The caller's network address. */
  readonly addr: string
  readonly host: string
  readonly method: string
  readonly userAgent: string
  /** `https://host[:port]` by which the caller reached the registry. */
  readonly baseUrl: string
}

export interface Activity {
  /** A UUID; the same wherever and however often it is told. */
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly deed: Deed
  /** `undefined`: of a login that was refused. */
  readonly actor: Identity | undefined
  readonly request: RequestFacts
}
