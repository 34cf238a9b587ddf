/** The rules of whoever may do anything. */
import type { Rule } from './rule.ts'

export const EVERY_RIGHT: readonly Rule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]
