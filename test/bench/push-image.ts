import { expectStatus } from './http-exchange.ts'
import { digestOf, IMAGE_MANIFEST, type Image } from './image.ts'
import type { RunningPeer } from './peers/peer.ts'

type Headers = Readonly<Record<string, string>>

export const scopeOf = (repository: string): string => `repository:${repository}:pull,push`

/** The Location of a new upload (end-4a). */
export async function openUpload(
  server: Pick<RunningPeer, 'url'>,
  repository: string,
  headers: Headers,
): Promise<URL> {
  const at = `${server.url}/v2/${repository}/blobs/uploads/`
  return uploadAt((await expectStatus(202, 'POST', at, { headers })).location, at)
}

/** Where the upload goes on; a Location may be relative and may carry a query that must stay. */
export function uploadAt(location: string | undefined, base: string | URL): URL {
  if (location === undefined) throw new Error(`no Location from ${String(base)}`)
  return new URL(location, base)
}

/** Ends an upload by naming its digest, with an empty body (end-6). */
export async function closeUpload(upload: URL, digest: string, headers: Headers): Promise<void> {
  const last = new URL(upload)
  last.searchParams.set('digest', digest)
  await expectStatus(201, 'PUT', last, { headers })
}

/** The requests of an ordinary client: is it there, begin, stream, end. */
async function pushBlob(
  server: RunningPeer,
  repository: string,
  bytes: Buffer,
  headers: Headers,
): Promise<void> {
  const digest = digestOf(bytes)
  await expectStatus(404, 'HEAD', `${server.url}/v2/${repository}/blobs/${digest}`, { headers })
  const upload = await openUpload(server, repository, headers)
  const sent = await expectStatus(202, 'PATCH', upload, {
    headers: { ...headers, 'content-type': 'application/octet-stream' },
    body: bytes,
  })
  await closeUpload(uploadAt(sent.location, upload), digest, headers)
}

export async function putManifest(
  server: RunningPeer,
  repository: string,
  reference: string,
  manifest: Buffer,
  headers: Headers,
  mediaType = IMAGE_MANIFEST,
): Promise<void> {
  await expectStatus(201, 'PUT', `${server.url}/v2/${repository}/manifests/${reference}`, {
    headers: { ...headers, 'content-type': mediaType },
    body: manifest,
  })
}

export async function pushImage(
  server: RunningPeer,
  repository: string,
  tag: string,
  image: Image,
  headers: Headers,
): Promise<void> {
  for (const bytes of image.blobs) await pushBlob(server, repository, bytes, headers)
  await putManifest(server, repository, tag, image.manifest, headers)
}
