/**
 * What a reader's calls are to OpenShift's registry: a manifest by tag is the tag, then the manifest; a blob is found
 * (`Stat`), then served, which lasts until its last byte is taken.
 */
import type { Pieces } from '../ports/blob-store.ts'
import type { Metrics, Summary } from '../ports/metrics.ts'
import type { BlobBytes } from '../services/blobs.ts'
import type { Pulls } from '../services/pulls.ts'
import { observedService } from './observed-service.ts'

const BY_TAG = ['TagService.Get', 'ManifestService.Get'] as const
const BY_DIGEST = ['ManifestService.Get'] as const

export function observedPulls(pulls: Pulls, metrics: Metrics): Pulls {
  const observed = observedService(pulls, metrics, {
    peek: (_, reference) => ('tag' in reference ? BY_TAG : BY_DIGEST),
    manifest: (_, reference) => ('tag' in reference ? BY_TAG : BY_DIGEST),
    blob: ['BlobStore.Stat'],
    tags: ['TagService.All'],
  })
  const find = observed.blob.bind(observed)
  const served = (): Summary =>
    metrics.summary('imageregistry_request_duration_seconds', { operation: 'BlobStore.ServeBlob' })
  observed.blob = async (...asked) => {
    const blob = await find(...asked)
    return {
      size: blob.size,
      read: async (...range) => serve(served(), () => blob.read(...range)),
    }
  }
  return observed
}

async function serve(summary: Summary, read: () => Promise<BlobBytes>): Promise<BlobBytes> {
  const began = performance.now()
  const end = (): void => summary.observe((performance.now() - began) / 1000)
  try {
    const bytes = await read()
    if ('source' in bytes) return { source: ending(bytes.source, end) }
    end()
    return bytes
  } catch (error) {
    end()
    throw error
  }
}

async function* ending(pieces: Pieces, end: () => void): Pieces {
  try {
    yield* pieces
  } finally {
    end()
  }
}
