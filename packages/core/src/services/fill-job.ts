/** Bringing a blob from an upstream, as a job of the queue. */
import { parseDigest } from '../digest.ts'
import { RegistryError } from '../errors.ts'
import type { Job, Queue } from '../ports/queue.ts'
import { parseRepositoryName, projectOf } from '../repository-name.ts'
import type { BlobFills } from './blob-fills.ts'
import type { Blobs } from './blobs.ts'
import { fillsWithin, type Caches } from './caches.ts'
import type { FillLeases } from './fill-leases.ts'

export class FillJob {
  readonly #caches: Caches
  readonly #blobs: Blobs
  readonly #fills: BlobFills
  readonly #leases: FillLeases

  constructor(caches: Caches, blobs: Blobs, fills: BlobFills, leases: FillLeases) {
    this.#caches = caches
    this.#blobs = blobs
    this.#fills = fills
    this.#leases = leases
  }

  /**
   * `stop`, asked again and again, ends it early: then the job is sent again, and goes on where this one ended. Whoever
   * is at the blob already has a job of his own, which comes back when he dies.
   */
  async do(job: Job, queue: Queue, stop: () => boolean): Promise<void> {
    const repository = parseRepositoryName(String(job['repository']))
    const digest = parseDigest(String(job['digest']))
    const link = await this.#blobs.look(repository, digest)
    const project = projectOf(repository)
    const cache = await (link?.from
      ? this.#caches.imported(project, link.from)
      : this.#caches.of(project))
    if (!cache) return
    const within = fillsWithin(cache, repository)
    const wanted = { repository, within, digest, size: Number(job['size']) }
    const known = await this.#leases.find(wanted)
    if (known && this.#leases.isAlive(known)) return
    const filled = await this.#fills
      .fill(cache, wanted, undefined, stop)
      .catch((error: unknown) => {
        // Whoever waits for it finds that written (`FillRecord.lackedAt`); to ask again brings nothing.
        if (error instanceof RegistryError && error.code === 'BLOB_UNKNOWN') return 'unknown'
        throw error
      })
    if (!filled) await queue.send(job)
  }
}
