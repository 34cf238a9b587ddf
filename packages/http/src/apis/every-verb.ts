import type { Verb } from './resource.ts'

/** Of kinds that are kept, and that whoever may can change. */
export const EVERY_VERB: readonly Verb[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
]
