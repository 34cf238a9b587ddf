import type { SharedTokens } from '@sluice/core/ports/shared-tokens'
import type { Authorization } from './authorizations.ts'
import type { FetchedToken } from './token-service.ts'

/** The token of that key, fetched only where no process has one: of one that is new, a refusal is the last word. */
export async function sharedToken(
  tokens: SharedTokens,
  key: string,
  fetch: () => Promise<FetchedToken>,
): Promise<NonNullable<Authorization['shared']>> {
  let isNew = false
  const token = await tokens.take(key, () => {
    isNew = true
    return fetch()
  })
  return { key, token, isNew }
}
