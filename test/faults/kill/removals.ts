/** Deletes of everything that can be deleted, and uploads that come to nothing. */
import { contentOf } from '../content.ts'
import type { LoadClient } from './load-client.ts'
import { descriptorOf, finishUpload, patchUpload, startUpload } from './push-blob.ts'
import { known, MANY, TAGS } from './push-manifest.ts'

const ABSENT_OR_DELETED = ['202', '404 MANIFEST_UNKNOWN', '404 NAME_UNKNOWN']
const GONE = '404 BLOB_UPLOAD_UNKNOWN'
/** Another writer is at it, or its process died a moment ago. */
const TAKEN = '416 RANGE_INVALID'

export async function deleteTag(client: LoadClient): Promise<void> {
  const { ledger, random } = client
  const repository = client.repository()
  const tag = random.pick(TAGS) ?? ''
  const pending = ledger.deleteTag(repository, tag)
  const path = `/v2/${repository}/manifests/${tag}`
  const { status } = await client.send('DELETE', path, ABSENT_OR_DELETED)
  if (status === 202) pending.done()
  else if (status < 500) pending.refused()
}

export async function deleteManifest(
  client: LoadClient,
  manifest = known(client, client.random.chance(20) ? MANY : client.repository()),
): Promise<void> {
  if (!manifest || client.ledger.kept.has(manifest)) return
  const { repository, descriptor } = manifest
  const pending = client.ledger.deleteManifest(manifest)
  const path = `/v2/${repository}/manifests/${descriptor.digest}`
  const { status } = await client.send('DELETE', path, ABSENT_OR_DELETED)
  if (status === 202) pending.done()
  else if (status < 500) pending.refused()
}

export async function deleteBlob(client: LoadClient): Promise<void> {
  const manifest = known(client, client.repository())
  const blob = client.random.pick(manifest?.blobs ?? [])
  if (!manifest || !blob) return
  const path = `/v2/${manifest.repository}/blobs/${blob.digest}`
  await client.send('DELETE', path, ['202', '404 BLOB_UNKNOWN', '405 UNSUPPORTED'])
}

/** Left for the sweeper, or for whoever goes on with it. */
export async function abandonUpload(client: LoadClient): Promise<void> {
  const content = contentOf(client.fresh(), 5000)
  const upload = await startUpload(client, client.repository(), content)
  if (client.random.chance(80) && !(await patchUpload(client, upload))) return
  client.ledger.uploads.delete(upload)
  client.ledger.leftUploads.add(upload)
}

export async function cancelUpload(client: LoadClient): Promise<void> {
  const { ledger, random } = client
  const content = contentOf(client.fresh(), 50_000)
  const upload = await startUpload(client, client.repository(), content)
  ledger.uploads.delete(upload)
  const writing =
    random.chance(70) &&
    client.send('PATCH', upload.location, ['202', GONE, TAKEN, '503 UNAVAILABLE'], {
      body: content,
    })
  if (random.chance(50)) await writing
  await Promise.all([writing, client.send('DELETE', upload.location, ['204', GONE])])
}

/** Goes on with an upload that a client left, or a server that is dead: what was acknowledged must be there. */
export async function resumeUpload(client: LoadClient): Promise<void> {
  const { ledger, random } = client
  const upload = random.pick([...ledger.leftUploads])
  if (!upload) return
  ledger.leftUploads.delete(upload)
  const { location, content } = upload
  const status = await client.send('GET', location, ['204', GONE])
  if (status.status !== 204) return
  const range = /^0-(\d+)$/.exec(status.headers.get('range') ?? '')
  const last = Number(range?.[1])
  const offset = last === 0 ? 0 : last + 1
  if (!upload.offsets.includes(offset)) {
    client.surprise(`${location} stands at ${offset}, and not at ${upload.offsets.join(' or ')}`)
  }
  upload.offsets = [offset]
  const headers = { 'content-range': `${offset}-${content.byteLength - 1}` }
  const body = content.subarray(offset)
  if (body.byteLength === 0) return
  const patched = await client.send('PATCH', location, ['202', GONE, TAKEN], { headers, body })
  if (patched.status !== 202) return
  upload.offsets = [content.byteLength]
  await finishUpload(client, upload, descriptorOf(content).digest)
}
