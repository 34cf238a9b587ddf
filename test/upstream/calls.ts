import type { Upstream } from '@sluice/core/ports/upstream'
import { parseReference } from '@sluice/core/reference'
import { bytesOf } from './bytes-of.ts'
import { digestOfBytes } from './upstream-content.ts'

export const REPOSITORY = 'team/app'
export const BLOB = Buffer.alloc(200_000, 'all the bytes of a blob, one after the other; ')
export const BLOB_DIGEST = digestOfBytes(BLOB)

/** One call of each method of the port, each to its end. */
export const CALLS: Readonly<Record<string, (upstream: Upstream) => Promise<unknown>>> = {
  resolve: (upstream) => upstream.resolve(REPOSITORY, parseReference('v1')),
  manifest: (upstream) => upstream.manifest(REPOSITORY, parseReference('v1')),
  blobSize: (upstream) => upstream.blobSize(REPOSITORY, BLOB_DIGEST),
  blob: async (upstream) => bytesOf(await upstream.blob(REPOSITORY, BLOB_DIGEST, 0)),
  blobUrl: (upstream) => upstream.blobUrl(REPOSITORY, BLOB_DIGEST),
  tags: (upstream) => upstream.tags(REPOSITORY),
  referrers: (upstream) => upstream.referrers(REPOSITORY, BLOB_DIGEST),
}
