/** All objects of one kind. One project's, or the registry's where the kind belongs to none (`namespace` is then undefined). */
import type { Identity } from '../ports/identity-provider.ts'
import type { ObjectDraft, StoredObject } from '../stored-object.ts'

export interface ObjectPage<Content> {
  readonly objects: readonly StoredObject<Content>[]
  /** Pass as `after`; absent on the last page. */
  readonly next?: string
}

/**
 * `by` is who asks: whoever writes roles or bindings hands on rights, and nobody hands on what he has not. Whether he may
 * use the collection at all is asked before (`Rights.may`). Every refusal is an `ObjectError`.
 */
export interface ObjectCollection<Content> {
  get(namespace: string | undefined, name: string): Promise<StoredObject<Content> | undefined>
  /** By name, in ASCII order. */
  list(
    namespace: string | undefined,
    page: { readonly limit: number; readonly after?: string },
  ): Promise<ObjectPage<Content>>
  /** AlreadyExists, Invalid, Forbidden (escalation), NotFound (no such project). `dryRun` writes nothing. */
  create(
    by: Identity,
    namespace: string | undefined,
    draft: ObjectDraft<Content>,
    options?: { readonly dryRun?: boolean },
  ): Promise<StoredObject<Content>>
  /** NotFound, Conflict (another `resourceVersion` than the one given), Invalid, Forbidden. */
  replace(
    by: Identity,
    namespace: string | undefined,
    draft: ObjectDraft<Content>,
    options?: { readonly resourceVersion?: string; readonly dryRun?: boolean },
  ): Promise<StoredObject<Content>>
  /** NotFound, Conflict. Answers what was removed. */
  remove(
    by: Identity,
    namespace: string | undefined,
    name: string,
    options?: {
      readonly uid?: string
      readonly resourceVersion?: string
      readonly dryRun?: boolean
    },
  ): Promise<StoredObject<Content>>
}
