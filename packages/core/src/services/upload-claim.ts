/**
 * One writer owns an upload at a time. The claim is in the record, so that it holds between processes; a sign of life
 * is written while bytes flow, so that a dead writer's claim runs out.
 */
import { RegistryError, UploadOffsetError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import { StorageError } from '../ports/storage-error.ts'
import type { Item, Key, Table, Write } from '../ports/table.ts'
import { mayLive, type Policy } from '../policy.ts'
import { randomId, uploadKey } from '../records/keys.ts'
import type { UploadRecord } from '../records/upload-record.ts'
import type { RepositoryName } from '../repository-name.ts'

export interface ClaimedUpload {
  readonly repository: RepositoryName
  readonly id: string
  readonly record: UploadRecord
}

/** A writer owns the upload, and may be alive. */
export const isClaimed = (
  { claimedUntil, claimedBy }: UploadRecord,
  now: number,
  policy: Policy,
): boolean => mayLive(claimedUntil, claimedBy, now, policy)

export class UploadClaim implements ClaimedUpload {
  readonly repository: RepositoryName
  readonly id: string
  /** As it was when it was claimed, but for its version, which is the claim's. */
  readonly record: UploadRecord
  readonly #table: Table
  readonly #clock: Clock
  readonly #lease: number
  #lost = false
  #ending = false
  #heart: ReturnType<typeof setInterval> | undefined

  /** `upload.record` has been written with the claim in it. */
  constructor(table: Table, clock: Clock, lease: number, upload: ClaimedUpload) {
    this.#table = table
    this.#clock = clock
    this.#lease = lease
    this.repository = upload.repository
    this.id = upload.id
    this.record = upload.record
  }

  /**
   * `undefined` when another writer is at it, or was faster. `force` takes it from a living writer, who learns of it
   * with its next write; only for an upload that is to end.
   */
  static async take(
    table: Table,
    clock: Clock,
    policy: Policy,
    { repository, id, record }: ClaimedUpload,
    force = false,
  ): Promise<UploadClaim | undefined> {
    const now = clock.now()
    if (isClaimed(record, now, policy) && !force) return undefined
    const lease = policy.uploadClaim
    const version = record.version + 1
    const claim = { claimedUntil: now + lease, claimedBy: policy.claimant ?? '', claim: randomId() }
    const update = uploadKey(repository, id)
    const set = { ...claim, version, ...(force ? { ended: true } : {}) }
    const when = { equals: { version: record.version } }
    const outcome = await table.transact([{ update, set, when }]).catch(async (error: unknown) => {
      // The claim may have been written and the answer lost: nobody would be at the upload, and nobody else let in.
      const own = { equals: { version, claim: claim.claim } }
      const given = { claimedUntil: 0, version: version + 1 }
      await table.transact([{ update, set: given, when: own }]).catch(() => undefined)
      throw error
    })
    if (!outcome.ok) return undefined
    return new UploadClaim(table, clock, lease, { repository, id, record: { ...record, version } })
  }

  /** Does the work while showing that the writer lives; gives the upload back as it was when the work fails. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#heart = setInterval(() => {
      this.#renew().catch(() => {
        // The next sign of life may get through. If none does the claim runs out, and the last write decides.
      })
    }, this.#lease / 3)
    this.#heart.unref?.()
    try {
      return await work()
    } catch (error) {
      // Where this fails as well the claim runs out by itself; the first error is the one to tell.
      const released = await this.#table.transact([this.#release({})]).catch(() => undefined)
      if (released?.ok !== false || error instanceof RegistryError) throw error
      // It may be this writer's own last write that ended the claim, though its answer was lost.
      if (this.#ending && error instanceof StorageError) throw error
      // What broke because another writer took over is no failure of the store.
      throw this.lostError(error)
    } finally {
      clearInterval(this.#heart)
    }
  }

  /** Throws when the claim is known to be lost. */
  readonly proceed = (): void => {
    if (this.#lost) throw this.lostError()
  }

  /** The last write, which gives the upload back, changed. Its condition is that the claim still holds. */
  release(changed: Item, remove: readonly string[] = []): Write {
    this.#ending = true
    return this.#release(changed, remove)
  }

  #release(changed: Item, remove: readonly string[] = []): Write {
    return {
      update: this.#key,
      set: {
        ...changed,
        claimedUntil: 0,
        version: this.record.version + 1,
        touchedAt: this.#clock.now(),
      },
      ...(remove.length > 0 ? { remove } : {}),
      when: this.#holds,
    }
  }

  /** The last write, which ends the record. Its condition is that the claim still holds. */
  end(): Write {
    this.#ending = true
    return { delete: this.#key, when: this.#holds }
  }

  lostError(cause?: unknown): UploadOffsetError {
    const { repository, id, record } = this
    return new UploadOffsetError(
      { repository, id, offset: record.offset },
      'another writer took over this upload: ask for its status and go on from there',
      cause,
    )
  }

  get #key(): Key {
    return uploadKey(this.repository, this.id)
  }

  get #holds(): { readonly equals: { readonly version: number } } {
    return { equals: { version: this.record.version } }
  }

  async #renew(): Promise<void> {
    const outcome = await this.#table.transact([
      {
        update: this.#key,
        set: { claimedUntil: this.#clock.now() + this.#lease },
        when: this.#holds,
      },
    ])
    if (!outcome.ok) this.#lost = true
  }
}
