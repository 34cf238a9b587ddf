/** `n` and `last` of a listing, and the Link to its next page (spec "Listing Tags"). */
import { RegistryError } from '@sluice/core/errors'
import type { AppContext } from './app-environment.ts'

/** What a page has at most, and when the client does not say. */
export const MAX_PAGE = 10_000
const DEFAULT_PAGE = 1000
/** Characters of the longest repository name, tag or digest. */
const MAX_LISTED = 255

export interface PageQuery {
  readonly limit: number
  readonly last: string | undefined
}

export function pageQuery(c: AppContext): PageQuery {
  const n = c.req.query('n')
  if (n !== undefined && !/^\d+$/.test(n)) {
    throw new RegistryError('PAGINATION_NUMBER_INVALID', 'n is a number of results, 0 or more')
  }
  const last = c.req.query('last')
  return {
    limit: n === undefined ? DEFAULT_PAGE : Math.min(Number(n), MAX_PAGE),
    // Nothing listed is longer, so what follows cannot matter; and a table's key is bounded.
    last: last === '' ? undefined : last?.slice(0, MAX_LISTED).toWellFormed(),
  }
}

export function nextLink(path: string, parameters: { readonly [name: string]: string }): string {
  return `<${path}?${new URLSearchParams(parameters).toString()}>; rel="next"`
}
