/** end-2, end-10: blobs. */
import { parseDigest, type Digest } from '@sluice/core/digest'
import type { AppContext, Parts } from '../app-environment.ts'
import { parseRange } from '../byte-range.ts'
import type { Identity } from '@sluice/core/ports/identity-provider'
import type { RepositoryName } from '@sluice/core/repository-name'
import { authorise } from '../caller.ts'
import { entityTag, matches } from '../entity-tag.ts'
import { noteImage } from '../note.ts'
import type { Methods, Target } from '../route-table.ts'
import { respond, type PlainHeaders } from '../respond.ts'
import { sendBytes } from '../send-bytes.ts'
import { viaOf } from '../via.ts'

export const blobRoutes = (parts: Parts): Methods => ({
  GET: (c, target) =>
    c.env?.recomputesLength ? headBlob(c, target, parts) : getBlob(c, target, parts),
  HEAD: (c, target) => headBlob(c, target, parts),
  DELETE: (c, target) => deleteBlob(c, target, parts),
})

const OCTETS = 'application/octet-stream'

/** A blob never changes, and only those may see it who may pull. */
const CACHE = 'private, max-age=31536000, immutable'

async function getBlob(c: AppContext, { name, argument }: Target, parts: Parts) {
  const { repository, caller } = await authorise(c, parts, name, 'pull')
  const { blobs, pulls } = parts.registry
  const digest = parseDigest(argument)
  const blob = await pulls.blob(repository, digest, { keep: false, via: viaOf(c) })
  const headers = blobHeaders(digest)
  if (matches(c.req.header('if-none-match'), digest)) return respond(304, headers)
  const ifRange = c.req.header('if-range')
  const same = ifRange === undefined || ifRange === entityTag(digest)
  const asked = same ? parseRange(c.req.header('range'), blob.size) : undefined
  const range = asked && blobs.clip(blob, asked)
  const bytes = await blob.read('GET', range)
  const pulled = { repository, digest, size: blob.size }
  await notePull(c, parts, caller.identity, pulled)
  if ('url' in bytes) return redirect(bytes.url, digest)
  if (!range) {
    headers['Content-Length'] = String(blob.size)
    return sendBytes(c, 200, headers, bytes.source)
  }
  headers['Content-Length'] = String(range.end - range.start + 1)
  headers['Content-Range'] = `bytes ${range.start}-${range.end}/${blob.size}`
  return sendBytes(c, 206, headers, bytes.source)
}

async function headBlob(c: AppContext, { name, argument }: Target, parts: Parts) {
  const { repository, caller } = await authorise(c, parts, name, 'pull')
  const digest = parseDigest(argument)
  const keep = await caller.may({ type: 'repository', name: repository, actions: ['push'] })
  const blob = await parts.registry.pulls.blob(repository, digest, { keep, via: viaOf(c) })
  const headers = blobHeaders(digest)
  if (matches(c.req.header('if-none-match'), digest)) return respond(304, headers)
  headers['Content-Length'] = String(blob.size)
  await notePull(c, parts, caller.identity, { repository, digest, size: blob.size })
  if (!c.env?.recomputesLength) return respond(200, headers)
  // A client takes a length of 0 for the blob's: let the store say it, else send all that is to be measured.
  const bytes = await blob.read('HEAD', undefined)
  return 'url' in bytes ? redirect(bytes.url, digest) : sendBytes(c, 200, headers, bytes.source)
}

async function deleteBlob(c: AppContext, { name, argument }: Target, parts: Parts) {
  const { repository, caller } = await authorise(c, parts, name, 'delete')
  const digest = parseDigest(argument)
  await parts.registry.blobs.remove(repository, digest)
  await noteImage(c, parts, caller.identity, 'delete', { what: 'blob', repository, digest })
  return respond(202, {})
}

const notePull = (
  c: AppContext,
  parts: Parts,
  by: Identity,
  blob: { readonly repository: RepositoryName; readonly digest: Digest; readonly size: number },
): Promise<void> | undefined =>
  noteImage(c, parts, by, 'pull', { what: 'blob', mediaType: OCTETS, ...blob })

function blobHeaders(digest: string): PlainHeaders {
  return {
    'Content-Type': OCTETS,
    'Docker-Content-Digest': digest,
    'Accept-Ranges': 'bytes',
    'Cache-Control': CACHE,
    ETag: entityTag(digest),
  }
}

function redirect(url: URL, digest: string): Response {
  return respond(307, { Location: url.href, 'Docker-Content-Digest': digest })
}
