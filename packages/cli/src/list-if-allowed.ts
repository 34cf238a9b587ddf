import type { ApiClient, ApiObject } from './api-client.ts'
import { CommandError } from './command-error.ts'
import { listAll } from './list-pages.ts'

/** `undefined` where one may not see them. */
export async function listIfAllowed(
  client: ApiClient,
  path: string,
): Promise<readonly ApiObject[] | undefined> {
  try {
    return await listAll(client, path)
  } catch (error) {
    if (error instanceof CommandError && error.message.includes('(Forbidden)')) return undefined
    throw error
  }
}
