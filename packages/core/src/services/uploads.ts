/**
 * Uploads (spec "Pushing blobs": end-4 to end-6, end-11, end-13, end-14). An upload moves through its record alone:
 *
 *     start -> append* -> finish      each: claim the record, move bytes, write the record if the claim still holds
 *           -> cancel
 *
 * The object key is drawn at the start, so whatever a crash leaves behind is found from the record.
 */
import { algorithmOf, type Algorithm, type Digest } from '../digest.ts'
import { RegistryError, UploadOffsetError } from '../errors.ts'
import { imageLimit, refuseBlob } from '../limits/image-limit.ts'
import type { BlobStore } from '../ports/blob-store.ts'
import type { Clock } from '../ports/clock.ts'
import type { PortableHashes } from '../ports/portable-hashes.ts'
import { StorageError } from '../ports/storage-error.ts'
import type { Table, Write } from '../ports/table.ts'
import type { Policy } from '../policy.ts'
import { blobRecord } from '../records/blob-record.ts'
import { defined } from '../records/defined.ts'
import { blobKey, isRandomId, newObjectKey, randomId, uploadKey } from '../records/keys.ts'
import { putSweep } from '../records/sweep-record.ts'
import { uploadRecord, type UploadRecord } from '../records/upload-record.ts'
import type { RepositoryName } from '../repository-name.ts'
import type { BlobLinks } from './blob-links.ts'
import type { Projects } from './projects.ts'
import { retrying } from './retrying.ts'
import { UploadBytes, type Chunk } from './upload-bytes.ts'
import { isClaimed, UploadClaim } from './upload-claim.ts'

export interface UploadStatus {
  readonly id: string
  readonly offset: number
}

export class Uploads {
  readonly #table: Table
  readonly #store: BlobStore
  readonly #links: BlobLinks
  readonly #projects: Pick<Projects, 'admit'>
  readonly #clock: Clock
  readonly #policy: Policy
  readonly #bytes: UploadBytes
  readonly #begun: Table
  readonly #isAnnounced: boolean

  /**
   * `begun`: of uploads that bring announced blobs; for their records before their end, which need not outlive the machine's
   * power.
   */
  constructor(
    table: Table,
    store: BlobStore,
    links: BlobLinks,
    projects: Pick<Projects, 'admit'>,
    clock: Clock,
    policy: Policy,
    hashes: PortableHashes | undefined,
    begun?: Table,
  ) {
    this.#table = table
    this.#begun = begun ?? table
    this.#isAnnounced = begun !== undefined
    this.#store = store
    this.#links = links
    this.#projects = projects
    this.#clock = clock
    this.#policy = policy
    this.#bytes = new UploadBytes(store, hashes)
  }

  async start(repository: RepositoryName, algorithm: Algorithm = 'sha256'): Promise<UploadStatus> {
    const { id } = await this.#create(repository, algorithm, 0)
    return { id, offset: 0 }
  }

  /** The same as writes, for the transaction that says what the upload is for. */
  async starting(
    repository: RepositoryName,
    algorithm: Algorithm,
  ): Promise<{ readonly id: string; readonly writes: readonly Write[] }> {
    return this.#beginning(repository, algorithm, 0)
  }

  async status(repository: RepositoryName, id: string): Promise<UploadStatus> {
    const { offset } = await this.#find(repository, id)
    return { id, offset }
  }

  async append(repository: RepositoryName, id: string, chunk: Chunk): Promise<UploadStatus> {
    const claim = await this.#claim(this.#begun, repository, id, chunk)
    return claim.during(async () => {
      const { offset, state, digest, hash, keep } = await this.#bytes.append(claim, chunk)
      const known = defined({ digest, hash })
      const lost = ['digest', 'hash'].filter((name) => !Object.hasOwn(known, name))
      const write = claim.release({ offset, state, ...known }, lost)
      const outcome = await this.#begun.transact([write])
      if (!outcome.ok) throw claim.lostError()
      keep()
      return { id, offset }
    })
  }

  /** Ends the upload with its last bytes, if any. On a wrong digest the upload is gone. */
  async finish(
    repository: RepositoryName,
    id: string,
    digest: Digest,
    chunk: Chunk | undefined,
  ): Promise<{ readonly size: number }> {
    // From here on an object may lie under its key: the record says so whatever happens.
    const claim = await this.#claim(this.#table, repository, id, chunk)
    return this.#seal(claim, digest, chunk)
  }

  /** A whole blob in one request. */
  async push(
    repository: RepositoryName,
    digest: Digest,
    chunk: Chunk,
  ): Promise<{ readonly size: number }> {
    const lease = this.#policy.uploadClaim
    const claimedUntil = this.#clock.now() + lease
    const algorithm = algorithmOf(digest)
    const upload = await this.#create(repository, algorithm, claimedUntil, chunk.length)
    const claim = new UploadClaim(this.#table, this.#clock, lease, { repository, ...upload })
    return this.#seal(claim, digest, chunk)
  }

  async cancel(repository: RepositoryName, id: string): Promise<void> {
    await retrying(async () => {
      const record = await this.#find(repository, id)
      const upload = { repository, id, record }
      const claim = await UploadClaim.take(this.#table, this.#clock, this.#policy, upload, true)
      if (!claim) return undefined
      await this.#bytes.discard(claim)
      // A writer that was at work may yet leave bytes behind: then the record stays, ended, for the sweeper.
      const mayWrite = isClaimed(record, this.#clock.now(), this.#policy)
      if (!mayWrite) await this.#table.transact([claim.end()])
      return true
    })
  }

  async #create(
    repository: RepositoryName,
    algorithm: Algorithm,
    claimedUntil: number,
    length?: number,
  ): Promise<{ readonly id: string; readonly record: UploadRecord }> {
    const { id, record, writes } = await this.#beginning(
      repository,
      algorithm,
      claimedUntil,
      length,
    )
    await this.#begun.transact(writes)
    return { id, record }
  }

  async #beginning(
    repository: RepositoryName,
    algorithm: Algorithm,
    claimedUntil: number,
    length = 0,
  ): Promise<{
    readonly id: string
    readonly record: UploadRecord
    readonly writes: readonly Write[]
  }> {
    const limit = imageLimit(await this.#projects.admit(repository))
    // What would be refused at its end need not come at all; an upload that it was for stands as it did.
    refuseBlob(limit, length)
    const id = randomId()
    const key = newObjectKey('blobs')
    const touchedAt = this.#clock.now()
    const record: UploadRecord = {
      key,
      offset: 0,
      state: await this.#store.open(key),
      algorithm,
      digest: undefined,
      hash: undefined,
      version: 1,
      claimedUntil,
      claimedBy: this.#policy.claimant ?? '',
      touchedAt,
      ended: false,
      limit,
    }
    const writes: Write[] = [
      { put: uploadKey(repository, id), item: defined(record), when: 'absent' },
      putSweep(touchedAt + this.#policy.uploadIdle, { kind: 'upload', repository, id }),
    ]
    return { id, record, writes }
  }

  async #find(repository: RepositoryName, id: string): Promise<UploadRecord> {
    // What a client sends may be longer than a key can be.
    const item = isRandomId(id) ? await this.#table.get(uploadKey(repository, id)) : undefined
    const record = item && uploadRecord(item)
    if (record && !record.ended) return record
    throw new RegistryError(
      'BLOB_UPLOAD_UNKNOWN',
      'there is no such upload: it was finished, cancelled or idle too long; start another',
    )
  }

  async #claim(
    table: Table,
    repository: RepositoryName,
    id: string,
    chunk: Chunk | undefined,
  ): Promise<UploadClaim> {
    const record = await this.#find(repository, id)
    const { offset, limit } = record
    const { start, length = 0 } = chunk ?? {}
    if (start !== undefined && start !== offset) {
      throw new UploadOffsetError(
        { repository, id, offset },
        `the upload has ${offset} bytes: send the chunk that begins at byte ${offset}`,
      )
    }
    refuseBlob(limit, offset + length)
    const upload = { repository, id, record }
    const claim = await UploadClaim.take(table, this.#clock, this.#policy, upload)
    if (claim) return claim
    throw new UploadOffsetError(
      { repository, id, offset },
      'another writer is sending to this upload: wait for it, or start another upload',
    )
  }

  async #seal(
    claim: UploadClaim,
    digest: Digest,
    chunk: Chunk | undefined,
  ): Promise<{ readonly size: number }> {
    const { size, outcome } = await claim.during(async () => {
      const sealed = await this.#bytes.complete(claim, digest, chunk)
      if (!sealed) {
        // The claim is asked first: whoever took it over may have made an object of the upload.
        const outcome = await this.#table.transact([claim.release({ ended: true })])
        if (!outcome.ok) throw claim.lostError()
        await this.#clear(claim)
        throw new RegistryError(
          'DIGEST_INVALID',
          `the bytes that came have another digest than ${digest}: send them again in a new upload`,
        )
      }
      const { size } = sealed
      const blob = { digest, size, key: claim.record.key }
      const ended = claim.release({ ended: true })
      const { repository } = claim
      const decided = { whenKept: claim.end(), whenHeld: ended }
      const outcome = await this.#links.adopt(repository, blob, decided, this.#isAnnounced)
      if (outcome === 'lost') throw claim.lostError()
      return { size, outcome }
    })
    // No longer within the claim, which the record's end has ended.
    if (outcome === 'held') await this.#drop(claim, digest)
    return { size }
  }

  /** The registry had the blob already, and its bytes came a second time. */
  async #drop(claim: UploadClaim, digest: Digest): Promise<void> {
    const item = await this.#table.get(blobKey(digest))
    if (item) await this.#bytes.heal(claim, blobRecord(item).key)
    await this.#clear(claim)
  }

  /** What an ended upload holds goes, if not now then with the sweeper. */
  async #clear(claim: UploadClaim): Promise<void> {
    try {
      await this.#bytes.discard(claim)
      await this.#table.transact([{ delete: uploadKey(claim.repository, claim.id) }])
    } catch (error) {
      // The request is decided, whatever becomes of these bytes.
      if (!(error instanceof StorageError)) throw error
    }
  }
}
