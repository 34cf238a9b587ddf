/**
 * Keeps caches within their limits: what nobody has pulled for too long goes, and while a cache has too many bytes, what was
 * pulled longest ago. Whole images go, never a part of one; whoever pulls one meanwhile keeps it.
 */
import type { Digest } from '../digest.ts'
import type { Clock } from '../ports/clock.ts'
import type { Table } from '../ports/table.ts'
import { isStored, linkRecord } from '../records/blob-record.ts'
import { BLOB_PREFIX, CATALOG, repositoryPk } from '../records/keys.ts'
import type { ProjectName, RepositoryName } from '../repository-name.ts'
import { MOST_UPSTREAMS, type UpstreamSettings } from '../upstream/upstream-settings.ts'
import { allRecords } from './all-records.ts'
import { imageTrees, type ImageTree } from './image-trees.ts'
import type { ManifestRemovals } from './manifest-removals.ts'
import type { Manifests } from './manifests.ts'
import type { ObjectCollection } from './object-collection.ts'
import type { Projects } from './projects.ts'

export interface Evicted {
  images: number
  /** Of the blobs that nothing needs any more; the sweeper removes them after their grace. */
  bytes: number
}

export class Evictions {
  readonly #table: Table
  readonly #projects: Projects
  readonly #upstreams: ObjectCollection<UpstreamSettings>
  readonly #manifests: Manifests
  readonly #removals: ManifestRemovals
  readonly #clock: Clock

  constructor(
    table: Table,
    parts: {
      readonly projects: Projects
      readonly upstreams: ObjectCollection<UpstreamSettings>
      readonly manifests: Manifests
      readonly removals: ManifestRemovals
    },
    clock: Clock,
  ) {
    this.#table = table
    this.#projects = parts.projects
    this.#upstreams = parts.upstreams
    this.#manifests = parts.manifests
    this.#removals = parts.removals
    this.#clock = clock
  }

  /** Looks at every cache. `stop`, asked between two images, ends it early. */
  async evict(stop: () => boolean = () => false): Promise<Evicted> {
    const evicted: Evicted = { images: 0, bytes: 0 }
    const { objects } = await this.#upstreams.list(undefined, { limit: MOST_UPSTREAMS })
    const settings = new Map(objects.map(({ meta, content }) => [meta.name, content]))
    for await (const project of this.#projects.list()) {
      const { upstream } = (await this.#projects.find(project)) ?? {}
      const limits = upstream === undefined ? undefined : settings.get(upstream)
      if (!limits || (limits.evictAfter === 0 && limits.maxBytes === 0)) continue
      await this.#evictFrom(project, limits, evicted, stop)
      if (stop()) break
    }
    return evicted
  }

  async #evictFrom(
    project: ProjectName,
    { evictAfter, maxBytes }: UpstreamSettings,
    evicted: Evicted,
    stop: () => boolean,
  ): Promise<void> {
    const { images, held } = await this.#survey(project)
    const oldest = evictAfter === 0 ? -Infinity : this.#clock.now() - evictAfter * 1000
    for (const image of images) {
      const tooMany = maxBytes > 0 && held.bytes > maxBytes
      if ((image.pulledAt >= oldest && !tooMany) || stop()) return
      if (!(await this.#remove(image))) continue
      evicted.images++
      evicted.bytes += held.release(image)
    }
  }

  /** The images of a cache, those first that were pulled longest ago, and the bytes that they keep. */
  async #survey(
    project: ProjectName,
  ): Promise<{ readonly images: readonly ImageTree[]; readonly held: HeldBytes }> {
    const images: ImageTree[] = []
    const held = new HeldBytes()
    for (const { sk } of await allRecords(this.#table, CATALOG, `${project}/`)) {
      const repository = sk as RepositoryName
      const trees = await imageTrees(this.#table, this.#manifests, repository)
      for (const tree of trees) images.push(tree)
      for (const record of await allRecords(this.#table, repositoryPk(repository), BLOB_PREFIX)) {
        const link = linkRecord(record.item)
        const digest = record.sk.slice(BLOB_PREFIX.length) as Digest
        if (isStored(link) && link.refs > 0) held.add(digest, link.size, link.refs)
      }
    }
    return { images: images.toSorted((one, other) => one.pulledAt - other.pulledAt), held }
  }

  /** False when somebody has pulled it meanwhile. */
  async #remove({ repository, members }: ImageTree): Promise<boolean> {
    const [image, ...others] = members
    if (!image) return false
    if (!(await this.#removals.remove(repository, image.digest, image.pulledAt))) return false
    // With the image gone they are nobody's; one that is pulled by its digest at this moment stays, by itself.
    for (const { digest, pulledAt } of others) {
      await this.#removals.remove(repository, digest, pulledAt)
    }
    return true
  }
}

/** Bytes that a project keeps, each blob once, however many of its images need it. */
class HeldBytes {
  bytes = 0
  readonly #blobs = new Map<Digest, { readonly size: number; refs: number }>()

  add(digest: Digest, size: number, refs: number): void {
    const known = this.#blobs.get(digest)
    if (known) known.refs += refs
    else {
      this.#blobs.set(digest, { size, refs })
      this.bytes += size
    }
  }

  /** What the image alone has needed. */
  release({ members }: ImageTree): number {
    let released = 0
    for (const digest of members.flatMap(({ refs }) => refs)) {
      const blob = this.#blobs.get(digest)
      if (blob && --blob.refs === 0) released += blob.size
    }
    this.bytes -= released
    return released
  }
}
