/** What is asked for of one resource. */
import type { NamedResource } from './resource-names.ts'

/** All of a list, or some by their paths. */
export type Wanted = { readonly resource: NamedResource } & (
  { readonly list: string } | { readonly each: readonly string[] }
)
