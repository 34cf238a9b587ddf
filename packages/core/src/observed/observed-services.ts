/** The services that whoever serves a request or sweeps calls, measured. */
import type { Metrics } from '../ports/metrics.ts'
import { projectOf } from '../repository-name.ts'
import type { Blobs } from '../services/blobs.ts'
import type { Manifests } from '../services/manifests.ts'
import type { Pulls } from '../services/pulls.ts'
import type { Sweeper } from '../services/sweeper.ts'
import type { Tags } from '../services/tags.ts'
import type { Uploads } from '../services/uploads.ts'
import { observedPulls } from './observed-pulls.ts'
import { observedService } from './observed-service.ts'
import { observedSweeper } from './observed-sweeper.ts'

export interface Services {
  readonly blobs: Blobs
  readonly manifests: Manifests
  readonly pulls: Pulls
  readonly sweeper: Sweeper
  readonly tags: Tags
  readonly uploads: Uploads
}

const PUT = ['ManifestService.Put'] as const
const PUT_AND_TAG = ['ManifestService.Put', 'TagService.Tag'] as const

export function observedServices(services: Services, metrics: Metrics | undefined): Services {
  if (!metrics) return services
  const { blobs, manifests, pulls, sweeper, tags, uploads } = services
  return {
    blobs: observedService(blobs, metrics, {
      mount: ['BlobStore.Create'],
      mountFromAny: ['BlobStore.Create'],
      remove: ['BlobStore.Delete'],
    }),
    manifests: observedManifests(manifests, metrics),
    pulls: observedPulls(pulls, metrics),
    sweeper: observedSweeper(sweeper, metrics),
    tags: observedService(tags, metrics, { remove: ['TagService.Untag'] }),
    uploads: observedService(uploads, metrics, {
      start: ['BlobStore.Create'],
      push: ['BlobStore.Put'],
      append: ['BlobStore.Resume'],
      status: ['BlobStore.Resume'],
      finish: ['BlobWriter.Commit'],
      cancel: ['BlobWriter.Cancel'],
    }),
  }
}

function observedManifests(manifests: Manifests, metrics: Metrics): Manifests {
  const observed = observedService(manifests, metrics, {
    put: (_, { tags }) => (tags.length > 0 ? PUT_AND_TAG : PUT),
    remove: ['ManifestService.Delete'],
  })
  const put = observed.put.bind(observed)
  observed.put = async (repository, manifest) => {
    const stored = await put(repository, manifest)
    metrics.counter('sluice_pushes_total', { project: projectOf(repository) }).add(1)
    return stored
  }
  return observed
}
