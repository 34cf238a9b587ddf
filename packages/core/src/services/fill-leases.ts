/** Who of all processes moves a blob from its upstream (`records/fill-record.ts`). */
import { algorithmOf, type Digest } from '../digest.ts'
import type { Clock } from '../ports/clock.ts'
import type { Item, Table, Value } from '../ports/table.ts'
import { mayLive, type Policy } from '../policy.ts'
import { fillRecord, type FillRecord } from '../records/fill-record.ts'
import { fillKey, randomId, uploadKey } from '../records/keys.ts'
import { putSweep } from '../records/sweep-record.ts'
import { uploadRecord } from '../records/upload-record.ts'
import type { RepositoryName } from '../repository-name.ts'
import type { Uploads } from './uploads.ts'

/** A job that was not begun after that time is taken for lost. */
const REQUEST_LIFE_MS = 60_000

/** Instead of an upload's id. */
const NONE = ''

export interface WantedBlob {
  readonly repository: RepositoryName
  /** Who shares its transfer (`FillRecord.within`). */
  readonly within: FillRecord['within']
  readonly digest: Digest
  /** Bytes, as its manifest or its upstream says. */
  readonly size: number
}

export class FillLeases {
  readonly #table: Table
  readonly #clock: Clock
  readonly #policy: Policy
  readonly #uploads: Uploads

  constructor(table: Table, clock: Clock, policy: Policy, uploads: Uploads) {
    this.#table = table
    this.#clock = clock
    this.#policy = policy
    this.#uploads = uploads
  }

  /**
   * Whether a job is to be sent for the blob: nobody is at it, and nobody has asked for it lately. What was asked for long
   * ago may be lost.
   */
  async request(wanted: WantedBlob): Promise<boolean> {
    const key = fillKey(wanted.within, wanted.digest)
    const known = await this.find(wanted)
    const now = this.#clock.now()
    if (known) {
      if (this.isAlive(known) || now - known.requestedAt < REQUEST_LIFE_MS) return false
      const { requestedAt } = known
      const when = { equals: { requestedAt } }
      return (await this.#table.transact([{ update: key, set: { requestedAt: now }, when }])).ok
    }
    const unheld = { holder: randomId(), claimedBy: '', until: 0, requestedAt: now }
    return (await this.#begin(wanted, unheld)) !== undefined
  }

  /** `undefined` when another is at it. What he has begun is gone on with when he is dead. */
  async take(wanted: WantedBlob): Promise<FillRecord | undefined> {
    const { repository, digest, size } = wanted
    const known = await this.find(wanted)
    if (known && this.isAlive(known)) return undefined
    const lease = {
      holder: randomId(),
      claimedBy: this.#policy.claimant ?? '',
      until: this.#until(),
    }
    if (!known) return this.#begin(wanted, { ...lease, requestedAt: this.#clock.now() })
    const started =
      known.upload === NONE
        ? await this.#uploads.starting(repository, algorithmOf(digest))
        : undefined
    const set = started ? { ...lease, repository, upload: started.id, size, lackedAt: 0 } : lease
    const writes = [ifHeld(known, digest, set), ...(started?.writes ?? [])]
    const outcome = await this.#table.transact(writes)
    return outcome.ok ? { ...known, ...set } : undefined
  }

  async #begin(
    { repository, within, digest, size }: WantedBlob,
    lease: Pick<FillRecord, 'holder' | 'claimedBy' | 'until' | 'requestedAt'>,
  ): Promise<FillRecord | undefined> {
    const key = fillKey(within, digest)
    const { id: upload, writes } = await this.#uploads.starting(repository, algorithmOf(digest))
    const fill: FillRecord = { repository, within, upload, size, drops: 0, lackedAt: 0, ...lease }
    const item: Item = { ...fill }
    // Its upload is swept once it lies idle; so is what says where it was.
    const due = this.#clock.now() + this.#policy.uploadIdle
    const outcome = await this.#table.transact([
      { put: key, item, when: 'absent' },
      putSweep(due, { kind: 'passing', partition: key.pk }),
      ...writes,
    ])
    return outcome.ok ? fill : undefined
  }

  async find({ within, digest }: Omit<WantedBlob, 'size'>): Promise<FillRecord | undefined> {
    const item = await this.#table.get(fillKey(within, digest))
    return item && fillRecord(item)
  }

  /** Bytes that have come of a blob under way. */
  async arrived(blob: Omit<WantedBlob, 'size'>): Promise<number> {
    const fill = await this.find(blob)
    const item = fill && (await this.#table.get(uploadKey(fill.repository, fill.upload)))
    return item ? uploadRecord(item).offset : 0
  }

  /** Where the bytes of a fill lie until they are a blob, as the blob store knows them. */
  async stateOf({ repository, upload }: FillRecord): Promise<Value | undefined> {
    const item = await this.#table.get(uploadKey(repository, upload))
    return item && uploadRecord(item).state
  }

  /** Does the work while showing that the holder lives. When it fails the next may go on at once. */
  async during<T>(fill: FillRecord, digest: Digest, work: () => Promise<T>): Promise<T> {
    const heart = setInterval(() => {
      // Where no sign of life gets through another goes on with it, who then owns the upload.
      this.#table.transact([ifHeld(fill, digest, { until: this.#until() })]).catch(() => undefined)
    }, this.#policy.uploadClaim / 3)
    heart.unref?.()
    try {
      return await work()
    } catch (error) {
      await this.leave(fill, digest).catch(() => undefined)
      throw error
    } finally {
      clearInterval(heart)
    }
  }

  /** The next may go on at once. */
  async leave(fill: FillRecord, digest: Digest): Promise<void> {
    await this.#table.transact([ifHeld(fill, digest, { until: 0 })])
  }

  /** Nothing of its upload was kept: whoever followed it is to know. `isLacking`: as the upstream has no such blob. */
  async drop(fill: FillRecord, digest: Digest, isLacking: boolean): Promise<void> {
    const set = { until: 0, upload: NONE, lackedAt: isLacking ? this.#clock.now() : 0 }
    await this.#table.transact([{ ...ifHeld(fill, digest, set), add: { drops: 1 } }])
  }

  /** The blob is here. */
  async finish(fill: FillRecord, digest: Digest): Promise<void> {
    await (fill.drops > 0 ? this.leave(fill, digest) : this.end(fill, digest))
  }

  /** There is no such fill any more; the next begins anew. */
  async end(fill: FillRecord, digest: Digest): Promise<void> {
    const key = fillKey(fill.within, digest)
    await this.#table.transact([{ delete: key, when: { equals: { holder: fill.holder } } }])
  }

  isAlive({ until, claimedBy }: FillRecord): boolean {
    return mayLive(until, claimedBy, this.#clock.now(), this.#policy)
  }

  #until(): number {
    return this.#clock.now() + this.#policy.uploadClaim
  }
}

/** Whoever has taken it over has another holder's name, and keeps what he wrote. */
const ifHeld = ({ within, holder }: FillRecord, digest: Digest, set: Item) => ({
  update: fillKey(within, digest),
  set,
  when: { equals: { holder } },
})
