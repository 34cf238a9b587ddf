/**
 * Removes what nobody needs any more, while pushes go on: it looks at work that is due (`records/sweep-record.ts`), and
 * every removal is a conditional write that a push in between makes fail. Several sweepers at once do no harm.
 */
import type { BlobStore } from '../ports/blob-store.ts'
import type { Clock } from '../ports/clock.ts'
import type { Table, TableRecord, Write } from '../ports/table.ts'
import { objectGrace, strayAge, type Policy } from '../policy.ts'
import { blobRecord } from '../records/blob-record.ts'
import { META, OBJECT_ROOMS, blobKey, manifestKey, uploadKey } from '../records/keys.ts'
import { manifestRecord } from '../records/manifest-record.ts'
import {
  SWEEP_SHARDS,
  dueOf,
  putSweep,
  sweepPk,
  sweepWork,
  type SweepWork,
} from '../records/sweep-record.ts'
import { uploadRecord } from '../records/upload-record.ts'
import type { BlobLinks } from './blob-links.ts'
import type { ReferenceCounts } from './reference-counts.ts'
import type { Repositories } from './repositories.ts'
import { UploadClaim } from './upload-claim.ts'

const PAGE = 100

/** What a sweep has done; `errors` are what it could not do and will try again. */
export interface Swept {
  looked: number
  links: number
  blobs: number
  bytes: number
  objects: number
  uploads: number
  readonly errors: unknown[]
}

type Work<Kind extends SweepWork['kind']> = Extract<SweepWork, { readonly kind: Kind }>

export class Sweeper {
  readonly #table: Table
  readonly #store: BlobStore
  readonly #links: BlobLinks
  readonly #counts: ReferenceCounts
  readonly #repositories: Repositories
  readonly #clock: Clock
  readonly #policy: Policy

  constructor(
    table: Table,
    store: BlobStore,
    links: BlobLinks,
    counts: ReferenceCounts,
    repositories: Repositories,
    clock: Clock,
    policy: Policy,
  ) {
    this.#table = table
    this.#store = store
    this.#links = links
    this.#counts = counts
    this.#repositories = repositories
    this.#clock = clock
    this.#policy = policy
  }

  /**
   * Looks at all work that is due, and at what that makes due. Ends early, between two pieces of work, once `stop`
   * answers true; what is left stays due.
   */
  async sweep(
    options: { readonly stop?: () => boolean; readonly onLook?: (swept: Swept) => void } = {},
  ): Promise<Swept> {
    const swept: Swept = {
      looked: 0,
      links: 0,
      blobs: 0,
      bytes: 0,
      objects: 0,
      uploads: 0,
      errors: [],
    }
    const failed = new Set<string>()
    for (let idle = false; !idle;) {
      idle = true
      for (let shard = 0; shard < SWEEP_SHARDS; shard++) {
        for (let after: string | undefined; ;) {
          const query = { limit: PAGE, ...(after === undefined ? {} : { after }) }
          const page = await this.#table.query(sweepPk(shard), query)
          const due = page.records.filter((record) => dueOf(record.sk) <= this.#clock.now())
          for (const record of due) {
            if (failed.has(record.sk)) continue
            if (options.stop?.()) return swept
            if (await this.#look(record, swept)) idle = false
            else failed.add(record.sk)
            options.onLook?.(swept)
          }
          if (page.next === undefined || due.length < page.records.length) break
          after = page.next
        }
      }
    }
    await this.#sweepStrays(swept)
    return swept
  }

  /** What requests have left in the store that could not tidy up after themselves, and that no record names. */
  async #sweepStrays(swept: Swept): Promise<void> {
    try {
      const before = this.#clock.now() - strayAge(this.#policy)
      for (const { key, state } of await this.#store.listUploads(before)) {
        // What lies elsewhere, such as what a check has written down, is not an upload's.
        if (!OBJECT_ROOMS.some((room) => key.startsWith(`${room}/`))) continue
        await this.#store.abort(state)
        swept.uploads++
      }
    } catch (error) {
      swept.errors.push(error)
    }
  }

  /** True when the work is done and may have made other work due. */
  async #look(record: TableRecord, swept: Swept): Promise<boolean> {
    swept.looked++
    try {
      const later = await this.#do(sweepWork(record.item), swept)
      // Another sweeper may have done the same; and a push takes back the work that stands for its body.
      const done: Write = { delete: { pk: record.pk, sk: record.sk }, when: 'present' }
      await this.#table.transact([done, ...later])
      return true
    } catch (error) {
      swept.errors.push(error)
      return false
    }
  }

  /** Does one piece of work; answers the writes that take its place. */
  async #do(work: SweepWork, swept: Swept): Promise<Write[]> {
    switch (work.kind) {
      case 'links':
        return this.#sweepLinks(work, swept)
      case 'blob':
        return this.#sweepBlob(work, swept)
      case 'object':
        return this.#sweepObject(work, swept)
      case 'upload':
        return this.#sweepUpload(work, swept)
      case 'pending':
        await this.#counts.undo(work.repository, work.id)
        return []
      case 'body':
        return this.#sweepBody(work)
      case 'passing':
        return this.#sweepPassing(work)
      case 'removal':
        return this.#repositories.goOn(work)
    }
  }

  async #sweepLinks(work: Work<'links'>, swept: Swept): Promise<Write[]> {
    const { repository, digests } = work
    const later: Write[] = []
    const idle = this.#clock.now() - this.#policy.grace
    for (const digest of digests) {
      const answer = await this.#links.unlink(repository, digest, idle)
      if (answer === 'done') swept.links++
      if (typeof answer === 'object') {
        later.push(putSweep(answer.touchedAt + this.#policy.grace, { ...work, digests: [digest] }))
      }
    }
    return later
  }

  async #sweepBlob({ digest }: Work<'blob'>, swept: Swept): Promise<Write[]> {
    const item = await this.#table.get(blobKey(digest))
    if (!item) return []
    const { links, key, size } = blobRecord(item)
    if (links > 0) return []
    const outcome = await this.#table.transact([
      { delete: blobKey(digest), when: { equals: { links: 0, key } } },
      putSweep(this.#clock.now() + objectGrace(this.#policy), { kind: 'object', key }),
    ])
    if (outcome.ok) {
      swept.blobs++
      swept.bytes += size
    }
    return []
  }

  async #sweepUpload(work: Work<'upload'>, swept: Swept): Promise<Write[]> {
    const { repository, id } = work
    const item = await this.#table.get(uploadKey(repository, id))
    if (!item) return []
    const record = uploadRecord(item)
    const now = this.#clock.now()
    const idleAt = record.touchedAt + this.#policy.uploadIdle
    const due = Math.max(record.claimedUntil, record.ended ? 0 : idleAt)
    if (due > now) return [putSweep(due, work)]
    const upload = { repository, id, record }
    const claim = await UploadClaim.take(this.#table, this.#clock, this.#policy, upload, true)
    if (!claim) return [putSweep(now + this.#policy.uploadClaim, work)]
    await this.#store.abort(record.state)
    await this.#store.delete(record.key)
    await this.#table.transact([claim.end()])
    swept.uploads++
    return []
  }

  async #sweepObject({ key, begun }: Work<'object'>, swept: Swept): Promise<Write[]> {
    await this.#store.delete(key)
    // A push that died while it wrote has left bytes under way, and nobody a state to abort them by.
    if (begun) await this.#store.abort(await this.#store.open(key))
    swept.objects++
    return []
  }

  async #sweepPassing(work: Work<'passing'>): Promise<Write[]> {
    const key = { pk: work.partition, sk: META }
    const item = await this.#table.get(key)
    if (!item) return []
    const until = Number(item.until)
    const now = this.#clock.now()
    if (until > now) return [putSweep(until, work)]
    const outcome = await this.#table.transact([{ delete: key, when: { equals: { until } } }])
    return outcome.ok ? [] : [putSweep(now, work)]
  }

  /** Nothing is removed before the work is another: until then the push may yet come, and keep its body. */
  async #sweepBody({ repository, digest, key }: Work<'body'>): Promise<Write[]> {
    const item = await this.#table.get(manifestKey(repository, digest))
    if (item && manifestRecord(item).bodyKey === key) return []
    return [putSweep(this.#clock.now(), { kind: 'object', key, begun: true })]
  }
}
