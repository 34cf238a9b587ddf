/** A blob, by each of the ways that clients use. */
import { createHash } from 'node:crypto'
import type { Descriptor, OpenUpload } from './ledger.ts'
import type { LoadClient } from './load-client.ts'

const LAYER = 'application/vnd.oci.image.layer.v1.tar'

/** The sweeper was faster, as it may be with so short a grace. */
const SWEPT = '404 BLOB_UPLOAD_UNKNOWN'

export function descriptorOf(
  content: Buffer,
  { mediaType = LAYER, algorithm = 'sha256' } = {},
): Descriptor {
  const digest = `${algorithm}:${createHash(algorithm).update(content).digest('hex')}`
  return { mediaType, digest, size: content.byteLength }
}

/** Whether it was taken, or was there. */
export async function pushBlob(
  client: LoadClient,
  repository: string,
  { digest }: Descriptor,
  content: Buffer,
): Promise<boolean> {
  const { random } = client
  if (random.chance(30)) {
    const path = `/v2/${repository}/blobs/${digest}`
    if ((await client.send('HEAD', path, ['200', '404'])).status === 200) return true
  }
  if (random.chance(25)) return pushWhole(client, repository, digest, content)
  const upload = await startUpload(client, repository, content, digest)
  const patches = random.below(4)
  for (let patch = 1; patch <= patches; patch++) {
    const end = patch === patches && random.chance(50) ? content.byteLength : undefined
    if (!(await patchUpload(client, upload, end))) return false
  }
  return finishUpload(client, upload, digest)
}

async function pushWhole(
  client: LoadClient,
  repository: string,
  digest: string,
  body: Buffer,
): Promise<boolean> {
  const path = `/v2/${repository}/blobs/uploads/?digest=${digest}`
  return (await client.send('POST', path, ['201'], { body })).status === 201
}

export async function startUpload(
  client: LoadClient,
  repository: string,
  content: Buffer,
  digest?: string,
): Promise<OpenUpload> {
  const algorithm = digest?.startsWith('sha512:') === true ? '?digest-algorithm=sha512' : ''
  const path = `/v2/${repository}/blobs/uploads/${algorithm}`
  const answer = await client.send('POST', path, ['202'])
  const location = answer.headers.get('location') ?? ''
  const upload: OpenUpload = { repository, location, content, offsets: [0] }
  client.ledger.uploads.add(upload)
  return upload
}

/** The next bytes, up to `end` or so many as are drawn; false when the upload is gone. */
export async function patchUpload(
  client: LoadClient,
  upload: OpenUpload,
  end?: number,
): Promise<boolean> {
  const { content, location } = upload
  const start = upload.offsets[0] ?? 0
  const stop = end ?? start + client.random.below(content.byteLength - start)
  // `0-0` is said of no bytes and of one byte alike.
  if (stop - start < 2) return true
  const headers = { 'content-range': `${start}-${stop - 1}` }
  const body = content.subarray(start, stop)
  upload.offsets = [start, stop]
  const answer = await client.send('PATCH', location, ['202', SWEPT], {
    body,
    ...(client.random.chance(50) && { headers }),
  })
  if (answer.status !== 202) client.ledger.uploads.delete(upload)
  upload.offsets = [stop]
  return answer.status === 202
}

export async function finishUpload(
  client: LoadClient,
  upload: OpenUpload,
  digest: string,
): Promise<boolean> {
  client.ledger.uploads.delete(upload)
  const body = upload.content.subarray(upload.offsets[0] ?? 0)
  const path = `${upload.location}?digest=${digest}`
  const answer = await client.send('PUT', path, ['201', SWEPT], { body })
  return answer.status === 201
}
