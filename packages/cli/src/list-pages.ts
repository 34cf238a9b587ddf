/** Lists, however many pages they have. https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks */
import type { ApiClient, ApiObject } from './api-client.ts'

/** kubectl's. */
const PAGE = 500

/** `path`: of a list, perhaps with a query. */
export async function* listPages(
  client: ApiClient,
  path: string,
  headers: Record<string, string> = {},
): AsyncGenerator<ApiObject> {
  let next = ''
  do {
    const query = `limit=${PAGE}${next === '' ? '' : `&continue=${encodeURIComponent(next)}`}`
    const whole = `${path}${path.includes('?') ? '&' : '?'}${query}`
    const page = await client.object('GET', whole, undefined, headers)
    yield page
    next = typeof page.metadata['continue'] === 'string' ? page.metadata['continue'] : ''
  } while (next !== '')
}

/** Each with its kind, which in a list stands for all of them. */
export async function listAll(client: ApiClient, path: string): Promise<readonly ApiObject[]> {
  const all: ApiObject[] = []
  for await (const { kind, apiVersion, items = [] } of listPages(client, path)) {
    const each = { apiVersion, ...(kind !== undefined && { kind: kind.replace(/List$/, '') }) }
    all.push(...items.map((item) => ({ ...each, ...item })))
  }
  return all
}
