import type { ApiClient } from './api-client.ts'
import type { CachedImage } from './cached-image.ts'

/** Makes one of those objects that nobody keeps, and answers its `status`. Throws `CommandError`. */
export async function askCache<Status>(
  client: ApiClient,
  plural: 'imageprefetches' | 'imagepurges' | 'imagerefreshes',
  { project, repository, tag, digest }: CachedImage,
  more: object = {},
): Promise<Status> {
  const path = `/apis/sluice.dev/v1/namespaces/${encodeURIComponent(project)}/${plural}`
  const spec = { repository, tag, digest, ...more }
  return (await client.object('POST', path, { apiVersion: 'sluice.dev/v1', spec }))[
    'status'
  ] as Status
}
