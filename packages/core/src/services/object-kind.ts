/** What tells one kind of object from another, to the collection that keeps it. */
import type { Identity } from '../ports/identity-provider.ts'
import type { Write } from '../ports/table.ts'
import type { FieldProblem } from '../object-error.ts'
import type { ObjectDraft, StoredObject } from '../stored-object.ts'

export interface ObjectKind<Content> {
  /** `RoleBinding`. */
  readonly kind: string
  /** `rolebindings`. */
  readonly resource: string
  readonly group: string
  /** Those that every registry has, until somebody changes or removes one. */
  readonly defaults?: readonly StoredObject<Content>[]
  /** What is wrong with the name, the content and its fields; `before` is what it is to replace. */
  problems(
    draft: ObjectDraft<Content>,
    before: StoredObject<Content> | undefined,
  ): readonly FieldProblem[]
  /** Refuses what `by` may not hand on. */
  admit?(
    by: Identity,
    namespace: string | undefined,
    draft: ObjectDraft<Content>,
    before: StoredObject<Content> | undefined,
  ): Promise<void>
  /** Writes of the same transaction: what other records say of the object. */
  also?(
    namespace: string,
    before: StoredObject<Content> | undefined,
    after: StoredObject<Content> | undefined,
  ): readonly Write[]
}
