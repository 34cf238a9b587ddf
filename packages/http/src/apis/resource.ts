/** One kind of object that the admin API serves: what it is called, what may be done with it, how it is kept and shown. */
import type { Identity } from '@sluice/core/ports/identity-provider'
import type { Schema } from './schema.ts'
import type { Members, WireObject } from './wire-object.ts'

export type Verb = 'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update'

export interface Column {
  readonly name: string
  readonly type?: 'date' | 'string'
  /** Above 0 it is shown in wide tables alone. */
  readonly priority?: number
  readonly cell: (object: WireObject) => string
}

export interface ListedPage {
  readonly items: readonly WireObject[]
  readonly next?: string
}

export interface Change {
  readonly by: Identity
  readonly namespace: string | undefined
  readonly dryRun: boolean
}

/** Refuses with `ObjectError`. What a kind cannot do is absent. */
export interface ResourceStore {
  readonly get: (
    namespace: string | undefined,
    name: string,
    by: Identity,
  ) => Promise<WireObject | undefined>
  readonly list?: (
    namespace: string | undefined,
    page: { readonly limit: number; readonly after?: string | undefined },
    by: Identity,
  ) => Promise<ListedPage>
  readonly create?: (change: Change, object: Members) => Promise<WireObject>
  readonly replace?: (change: Change, object: Members) => Promise<WireObject>
  /** What was removed; with a `deletionTimestamp` where the removal goes on after the answer. */
  readonly remove?: (
    change: Change,
    name: string,
    preconditions: { readonly uid?: string; readonly resourceVersion?: string },
  ) => Promise<WireObject>
}

export interface Resource {
  /** `''` is the core group. */
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly singular: string
  readonly shortNames?: readonly string[]
  readonly namespaced: boolean
  /** Where they are, if that is no project. */
  readonly namespaces?: readonly string[]
  readonly verbs: readonly Verb[]
  readonly columns: readonly Column[]
  readonly schema: Schema
  /** Whoever may list it at all sees of it what he may get. */
  readonly listsWhatMayBeGot?: true
  readonly store: ResourceStore
}

/** `rolebindings.rbac.authorization.k8s.io`. */
export const qualified = ({ plural, group }: Pick<Resource, 'plural' | 'group'>): string =>
  group === '' ? plural : `${plural}.${group}`

export const apiVersionOf = ({ group, version }: Pick<Resource, 'group' | 'version'>): string =>
  group === '' ? version : `${group}/${version}`
