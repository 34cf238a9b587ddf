/** One walk over all records and all objects, as they are while the registry works. */
import { algorithmOf, digestSoFar, startHash, type Digest } from '../../digest.ts'
import type { BlobStore } from '../../ports/blob-store.ts'
import type { Table, TableRecord } from '../../ports/table.ts'
import { MANIFEST_PREFIX, OBJECT_ROOMS, REPOSITORY_PREFIX } from '../../records/keys.ts'
import { manifestRecord } from '../../records/manifest-record.ts'
import { bodyFacts } from './body-facts.ts'
import { gatherRecord } from './gather-record.ts'
import { nothingGathered, type BodyFacts, type Gathered } from './gathered.ts'
import { createPool, type Pool } from './pool.ts'
import { whole } from '../whole.ts'

const PAGE = 500

/** How far a walk is; `total` where that is known. */
export interface Progress {
  readonly step: 'records' | 'objects' | 'bytes'
  readonly done: number
  readonly total: number | undefined
}

export type OnProgress = (progress: Progress) => void

interface Expected {
  readonly key: string
  readonly digest: Digest
  readonly size: number
}

export class Survey {
  readonly #table: Table
  readonly #store: BlobStore
  readonly #deep: boolean
  readonly #onProgress: OnProgress
  readonly #pool: Pool = createPool()
  /** Objects never change: once right, always right. */
  readonly #sound = new Set<string>()
  #records: number | undefined

  /** `deep`: reads every object, where otherwise only those are read whose sizes differ from their records'. */
  constructor(table: Table, store: BlobStore, deep: boolean, onProgress: OnProgress) {
    this.#table = table
    this.#store = store
    this.#deep = deep
    this.#onProgress = onProgress
  }

  /** `now`: uploads that were touched later are left out. */
  async walk(now: number): Promise<Gathered> {
    const gathered = nothingGathered()
    await this.#walkRecords(gathered)
    await this.#walkObjects(gathered)
    gathered.storeUploads.push(...(await this.#store.listUploads(now)))
    await this.#hashObjects(gathered)
    return gathered
  }

  async #walkRecords(gathered: Gathered): Promise<void> {
    let done = 0
    for (let after: string | undefined; ;) {
      const page = await this.#table.scan({
        limit: PAGE,
        ...(after === undefined ? {} : { after }),
      })
      for (const record of page.records) {
        gatherRecord(gathered, this.#pool, record, await this.#bodyFacts(record))
      }
      done += page.records.length
      this.#onProgress({ step: 'records', done, total: this.#records })
      if (page.next === undefined) break
      after = page.next
    }
    this.#records = done
  }

  /** A body that is an object is read here only where a referrer row depends on it. */
  async #bodyFacts({ pk, sk, item }: TableRecord): Promise<BodyFacts | undefined> {
    if (!pk.startsWith(REPOSITORY_PREFIX) || !sk.startsWith(MANIFEST_PREFIX)) return undefined
    const digest = sk.slice(MANIFEST_PREFIX.length) as Digest
    const record = manifestRecord(item)
    if (record.body) return bodyFacts(digest, record, record.body, this.#deep)
    if (record.bodyKey === undefined || record.subject === undefined) return undefined
    const source = await this.#store.read(record.bodyKey)
    if (!source) return undefined
    return bodyFacts(digest, record, await whole(source), false)
  }

  async #walkObjects({ objects }: Gathered): Promise<void> {
    for (let after: string | undefined; ;) {
      const page = await this.#store.list({
        limit: PAGE,
        ...(after === undefined ? {} : { after }),
      })
      for (const { key, size } of page.objects) if (isOurs(key)) objects.set(key, size)
      this.#onProgress({ step: 'objects', done: objects.size, total: undefined })
      if (page.next === undefined) return
      after = page.next
    }
  }

  async #hashObjects(gathered: Gathered): Promise<void> {
    const toHash = [...expectedObjects(gathered)].filter(
      ({ key, size }) =>
        gathered.objects.has(key) &&
        !this.#sound.has(key) &&
        (this.#deep || gathered.objects.get(key) !== size),
    )
    const total = toHash.reduce((sum, { key }) => sum + (gathered.objects.get(key) ?? 0), 0)
    let done = 0
    for (const { key, digest } of toHash) {
      const found = await this.#digestOf(key, digest, (bytes) => {
        done += bytes
        this.#onProgress({ step: 'bytes', done, total })
      })
      if (found === digest) this.#sound.add(key)
      else if (found) gathered.corrupt.add(key)
    }
  }

  async #digestOf(
    key: string,
    digest: Digest,
    onBytes: (bytes: number) => void,
  ): Promise<Digest | undefined> {
    const algorithm = algorithmOf(digest)
    const source = await this.#store.read(key)
    if (!source) return undefined
    const hash = startHash(algorithm)
    for await (const piece of source) {
      hash.update(piece)
      onBytes(piece.byteLength)
    }
    return digestSoFar(algorithm, hash)
  }
}

/** What else lies in the store's place, such as the database beside it, is not to be judged. */
const isOurs = (key: string): boolean => OBJECT_ROOMS.some((room) => key.startsWith(`${room}/`))

/** A blob without its record is judged by its link. */
function* expectedObjects({ blobs, repositories }: Gathered): Generator<Expected> {
  for (const [digest, { record }] of blobs) if (record) yield { digest, ...record }
  const seen = new Set<string>()
  for (const { links, manifests } of repositories.values()) {
    for (const [digest, { bodyKey, size }] of manifests) {
      if (bodyKey !== undefined) yield { key: bodyKey, digest, size }
    }
    for (const [digest, { key, size }] of links) {
      if (blobs.get(digest)?.record || seen.has(key)) continue
      seen.add(key)
      yield { key, digest, size }
    }
  }
}
