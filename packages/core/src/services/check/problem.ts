/** What the checker finds, as data, so that one step can find it and another tell it or put it right. */
import type { Digest } from '../../digest.ts'
import type { Value, Write } from '../../ports/table.ts'
import type { RepositoryName } from '../../repository-name.ts'

export const PROBLEM_KINDS = [
  'blob-missing',
  'catalogue-missing',
  'holder-missing',
  'holder-unknown',
  'link-count-wrong',
  'link-key-wrong',
  'link-missing',
  'manifest-corrupt',
  'object-corrupt',
  'object-missing',
  'object-unknown',
  'project-list-missing',
  'project-object-unknown',
  'reference-count-wrong',
  'referrer-missing',
  'referrer-unknown',
  'referrer-wrong',
  'repository-missing',
  'size-wrong',
  'subject-missing',
  'subject-unknown',
  'subject-wrong',
  'tag-dangling',
  'tagged-missing',
  'upload-unknown',
  'work-missing',
] as const

export type ProblemKind = (typeof PROBLEM_KINDS)[number]

/** Nothing in it holds unless the records still are what the checker saw. */
export type Repair =
  /** One after the other; whatever follows one that lost its race is left undone. */
  | { readonly transactions: readonly (readonly Write[])[] }
  | { readonly object: string }
  | { readonly upload: Value }
  /** Written anew from the manifest. */
  | {
      readonly referrer: {
        readonly repository: RepositoryName
        readonly subject: Digest
        readonly digest: Digest
      }
    }

export interface Problem {
  readonly kind: ProblemKind
  readonly where: string
  readonly detail: string
  /** What else must be unchanged when it is seen again. */
  readonly seen?: string
  /** Absent where nothing the registry has can put it right. */
  readonly repair?: Repair
}

/** A problem seen twice is one; two that differ may both be a server's work in between. */
export const identityOf = ({ kind, where, detail, seen }: Problem): string =>
  JSON.stringify([kind, where, detail, seen])
