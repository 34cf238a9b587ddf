/** Accounts for programs, each of one project. */
import { subdomainProblems } from '../rbac/name-problems.ts'
import type { StoredObject } from '../stored-object.ts'
import type { ObjectKind } from './object-kind.ts'

/** All that there is to say of one is in its metadata. */
export type ServiceAccountContent = Readonly<Record<string, never>>

/** An annotation, RFC 3339: tokens that were made before then are void. */
export const TOKENS_VALID_AFTER = 'sluice.dev/tokens-valid-after'

export const serviceAccountKind: ObjectKind<ServiceAccountContent> = {
  kind: 'ServiceAccount',
  resource: 'serviceaccounts',
  group: '',
  problems: ({ name, annotations = {} }) => [
    ...subdomainProblems(name),
    ...(annotations[TOKENS_VALID_AFTER] !== undefined &&
    Number.isNaN(Date.parse(annotations[TOKENS_VALID_AFTER]))
      ? [
          {
            field: `metadata.annotations[${TOKENS_VALID_AFTER}]`,
            reason: 'FieldValueInvalid',
            message: 'Invalid value: must be a time like 2006-01-02T15:04:05Z',
          } as const,
        ]
      : []),
  ],
}

/** Seconds since the epoch: tokens made before are void. */
export function tokensValidAfter({ meta }: StoredObject<ServiceAccountContent>): number {
  const text = meta.annotations[TOKENS_VALID_AFTER]
  return text === undefined ? 0 : Date.parse(text) / 1000
}
