/** What was gathered, seen from the other side: who names a key, who links a blob, how many references it should have. */
import type { Digest } from '../../digest.ts'
import { isStored, type StoredLink } from '../../records/blob-record.ts'
import type { RepositoryName } from '../../repository-name.ts'
import { markOf } from './fingerprint.ts'
import type { Gathered, GatheredRepository } from './gathered.ts'

/** How many, and the sum of their marks. */
export interface Count {
  readonly count: number
  readonly mark: number
}

/** Whole numbers, so that their order does not matter. */
const MARKS = 2 ** 40

const NONE: Count = { count: 0, mark: 0 }

export interface Holder {
  readonly repository: GatheredRepository
  readonly link: StoredLink
}

export class World {
  readonly gathered: Gathered
  readonly #links = new Map<Digest, Count>()
  readonly #references = new Map<RepositoryName, Map<Digest, Count>>()
  /** Blobs that a manifest needs in a repository that does not link them. */
  readonly #unlinked = new Map<Digest, Set<RepositoryName>>()
  /** Made when a blob that has a problem is the first to need it. */
  #holders: ReadonlyMap<Digest, readonly Holder[]> | undefined

  constructor(gathered: Gathered) {
    this.gathered = gathered
    for (const repository of gathered.repositories.values()) {
      const mark = markOf(repository.name)
      for (const [digest, link] of repository.links) {
        if (isStored(link)) addTo(this.#links, digest, mark)
      }
      const references = countReferences(repository)
      this.#references.set(repository.name, references)
      for (const digest of references.keys()) {
        if (repository.links.has(digest)) continue
        const needing = this.#unlinked.get(digest) ?? new Set()
        this.#unlinked.set(digest, needing.add(repository.name))
      }
    }
  }

  /** Links that there are, of bytes that are here. */
  links(digest: Digest): Count {
    return this.#links.get(digest) ?? NONE
  }

  /** Manifests of the repository that name the blob, and pending records that hold it for one. */
  references(repository: GatheredRepository, digest: Digest): Count {
    return this.#references.get(repository.name)?.get(digest) ?? NONE
  }

  referenced(repository: GatheredRepository): ReadonlyMap<Digest, Count> {
    return this.#references.get(repository.name) ?? new Map<Digest, Count>()
  }

  /** Repositories that need the blob and do not link it. */
  unlinked(digest: Digest): ReadonlySet<RepositoryName> {
    return this.#unlinked.get(digest) ?? new Set()
  }

  holders(digest: Digest): readonly Holder[] {
    this.#holders ??= indexHolders(this.gathered)
    return this.#holders.get(digest) ?? []
  }

  isNeeded({ repository, link }: Holder, digest: Digest): boolean {
    return link.refs !== 0 || this.references(repository, digest).count > 0
  }

  /** The object's size; `undefined` where there is none, or where it is to be deleted. */
  objectSize(key: string): number | undefined {
    const { objects, work } = this.gathered
    return work.objects.has(key) ? undefined : objects.get(key)
  }
}

function indexHolders({ repositories }: Gathered): ReadonlyMap<Digest, readonly Holder[]> {
  const index = new Map<Digest, Holder[]>()
  for (const repository of repositories.values()) {
    for (const [digest, link] of repository.links) {
      if (!isStored(link)) continue
      const holders = index.get(digest)
      if (holders) holders.push({ repository, link })
      else index.set(digest, [{ repository, link }])
    }
  }
  return index
}

function countReferences({ manifests, pendings }: GatheredRepository): Map<Digest, Count> {
  const counts = new Map<Digest, Count>()
  for (const [digest, { refs }] of manifests) {
    const mark = markOf(digest)
    for (const ref of refs) addTo(counts, ref, mark)
  }
  for (const [id, { refs, held }] of pendings) {
    const mark = markOf(id)
    for (const ref of refs.slice(0, held)) addTo(counts, ref, mark)
  }
  return counts
}

function addTo(counts: Map<Digest, Count>, digest: Digest, mark: number): void {
  const { count, mark: sum } = counts.get(digest) ?? NONE
  counts.set(digest, { count: count + 1, mark: (sum + mark) % MARKS })
}
