/**
 * One walk over all records and all objects, as they are while the registry works; in steps, so that it may be left
 * between any two of them.
 */
import type { Digest } from '../../digest.ts'
import type { BlobStore } from '../../ports/blob-store.ts'
import type { Table, TableRecord } from '../../ports/table.ts'
import { MANIFEST_PREFIX, OBJECT_ROOMS, REPOSITORY_PREFIX } from '../../records/keys.ts'
import { manifestRecord } from '../../records/manifest-record.ts'
import { whole } from '../whole.ts'
import { bodyFacts } from './body-facts.ts'
import type { CheckState } from './check-state.ts'
import { gatherRecord } from './gather-record.ts'
import type { BodyFacts, Gathered } from './gathered.ts'
import type { ObjectDigests } from './object-digests.ts'
import type { Pool } from './pool.ts'
import type { WalkState } from './walk-state.ts'

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
  readonly #digests: ObjectDigests
  readonly #check: CheckState
  readonly #pool: Pool
  readonly #onProgress: OnProgress

  /** A deep check reads every object; otherwise only those are read whose sizes differ from their records'. */
  constructor(
    engines: { readonly table: Table; readonly store: BlobStore; readonly digests: ObjectDigests },
    check: CheckState,
    pool: Pool,
    onProgress: OnProgress,
  ) {
    this.#table = engines.table
    this.#store = engines.store
    this.#digests = engines.digests
    this.#check = check
    this.#pool = pool
    this.#onProgress = onProgress
  }

  /** Goes on from where `walk` is. At each yield it says all that was done, and may be kept or cloned. */
  async *steps(walk: WalkState): AsyncGenerator<void, void> {
    while (walk.step === 'records') {
      await this.#gatherRecords(walk)
      yield
    }
    while (walk.step === 'objects') {
      await this.#gatherObjects(walk)
      yield
    }
    if (walk.step === 'uploads') {
      const uploads = await this.#store.listUploads(walk.startedAt)
      walk.gathered.storeUploads.push(...uploads.filter(({ key }) => isOurs(key)))
      walk.bytes.total = this.#bytesToHash(walk.gathered)
      walk.step = 'bytes'
      yield
    }
    if (walk.step === 'bytes') {
      yield* this.#hashObjects(walk)
      walk.step = 'end'
    }
  }

  async #gatherRecords(walk: WalkState): Promise<void> {
    const page = await this.#table.scan(pageAfter(walk))
    // Nothing of a page is gathered before all of it can be.
    const facts: (BodyFacts | undefined)[] = []
    for (const record of page.records) facts.push(await this.#bodyFacts(record))
    for (const [at, record] of page.records.entries()) {
      gatherRecord(walk.gathered, this.#pool, record, facts[at])
    }
    walk.records += page.records.length
    walk.after = page.next
    this.#onProgress({ step: 'records', done: walk.records, total: this.#check.records })
    if (walk.after !== undefined) return
    this.#check.records = walk.records
    walk.step = 'objects'
  }

  /** A body that is an object is read here only where a referrer row depends on it. */
  async #bodyFacts({ pk, sk, item }: TableRecord): Promise<BodyFacts | undefined> {
    if (!pk.startsWith(REPOSITORY_PREFIX) || !sk.startsWith(MANIFEST_PREFIX)) return undefined
    const digest = sk.slice(MANIFEST_PREFIX.length) as Digest
    const record = manifestRecord(item)
    if (record.body) return bodyFacts(digest, record, record.body, this.#check.deep)
    if (record.bodyKey === undefined || record.subject === undefined) return undefined
    const source = await this.#store.read(record.bodyKey)
    if (!source) return undefined
    return bodyFacts(digest, record, await whole(source), false)
  }

  async #gatherObjects(walk: WalkState): Promise<void> {
    const { objects } = walk.gathered
    const page = await this.#store.list(pageAfter(walk))
    for (const { key, size } of page.objects) if (isOurs(key)) objects.set(key, size)
    walk.after = page.next
    this.#onProgress({ step: 'objects', done: objects.size, total: undefined })
    if (walk.after === undefined) walk.step = 'uploads'
  }

  async *#hashObjects(walk: WalkState): AsyncGenerator<void, void> {
    const { gathered } = walk
    let at = 0
    for (const expected of expectedObjects(gathered)) {
      if (at++ < walk.hashed) continue
      if (this.#isToHash(gathered, expected)) {
        const found = yield* this.#digests.digestOf(expected, walk, this.#onProgress)
        if (found === expected.digest) this.#check.sound.add(expected.key)
        else if (found) gathered.corrupt.add(expected.key)
        walk.partial = undefined
        walk.hashed = at
        yield
      }
      walk.hashed = at
    }
  }

  #bytesToHash(gathered: Gathered): number {
    let bytes = 0
    for (const expected of expectedObjects(gathered)) {
      if (this.#isToHash(gathered, expected)) bytes += gathered.objects.get(expected.key) ?? 0
    }
    return bytes
  }

  #isToHash({ objects }: Gathered, { key, size }: Expected): boolean {
    const there = objects.get(key)
    if (there === undefined || this.#check.sound.has(key)) return false
    return this.#check.deep || there !== size
  }
}

const pageAfter = ({ after }: WalkState) => ({
  limit: PAGE,
  ...(after === undefined ? {} : { after }),
})

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
      if (key === undefined || blobs.get(digest)?.record || seen.has(key)) continue
      seen.add(key)
      yield { key, digest, size }
    }
  }
}
