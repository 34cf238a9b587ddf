/** The bytes of a claimed upload: into the store, through the hash, and at the end compared with the digest. */
import type { Hash } from 'node:crypto'
import { algorithmOf, digestSoFar, startHash, type Algorithm, type Digest } from '../digest.ts'
import type { BlobStore, Pieces, Source } from '../ports/blob-store.ts'
import type { Value } from '../ports/table.ts'
import { measured } from './measured.ts'
import { RunningDigests } from './running-digests.ts'
import type { UploadClaim } from './upload-claim.ts'

/** What a request brings. `start` and `length` are what its headers announce; either may be absent. */
export interface Chunk {
  readonly source: Source
  readonly start: number | undefined
  readonly length: number | undefined
}

export interface Grown {
  readonly state: Value
  readonly offset: number
  /** Absent where the hash of the bytes before is lost and they cannot be read again. */
  readonly digest: Digest | undefined
}

export class UploadBytes {
  readonly #store: BlobStore
  readonly #running = new RunningDigests()

  constructor(store: BlobStore) {
    this.#store = store
  }

  /** Appends the chunk. `keep` holds the hash for the version of the record that `claim.release` writes. */
  async append(claim: UploadClaim, chunk: Chunk): Promise<Grown & { readonly keep: () => void }> {
    const { record } = claim
    const { algorithm } = record
    const hash = await this.#hashOf(claim, algorithm)
    const grown = await this.#grow(claim, chunk, algorithm, hash)
    const keep = (): void => {
      if (hash) this.#running.keep(claim.id, record.version + 1, hash)
    }
    return { ...grown, keep }
  }

  /**
   * Makes the upload with its last chunk an object and says what it is. With no chunk, and an upload that was hashed as
   * it came, nothing here takes longer for a larger one. `undefined` when the digest is another: then there may be an
   * object or not.
   */
  async complete(
    claim: UploadClaim,
    digest: Digest,
    chunk: Chunk | undefined,
  ): Promise<{ readonly size: number } | undefined> {
    const { record } = claim
    const algorithm = algorithmOf(digest)
    if (record.offset === 0) return this.#write(claim, digest, chunk ?? nothing())
    const grown = chunk
      ? await this.#grow(claim, chunk, algorithm, await this.#hashOf(claim, algorithm))
      : { ...record, digest: algorithm === record.algorithm ? record.digest : undefined }
    if (grown.digest !== undefined && grown.digest !== digest) return undefined
    await this.#store.commit(grown.state)
    const found = grown.digest ?? (await this.#readBack(record.key, algorithm))
    return found === digest ? { size: grown.offset } : undefined
  }

  /** Puts the upload's bytes where a recorded object has been lost: pushing a blob again heals it. */
  async heal(claim: UploadClaim, lost: string): Promise<void> {
    if (lost === claim.record.key || (await this.#store.stat(lost))) return
    const bytes = await this.#store.read(claim.record.key)
    if (bytes) await this.#store.write(lost, copied(bytes))
  }

  async discard(claim: UploadClaim): Promise<void> {
    await this.#store.abort(claim.record.state)
    await this.#store.delete(claim.record.key)
  }

  /** The whole blob comes in this request. */
  async #write(claim: UploadClaim, digest: Digest, chunk: Chunk) {
    const { record } = claim
    // A writer that died on the way may have left an object; one that is merely slow can no longer replace ours.
    if (record.version > FIRST_CLAIM) await this.#store.delete(record.key)
    const algorithm = algorithmOf(digest)
    const hash = startHash(algorithm)
    const { source, length } = chunk
    const { size } = await this.#store.write(
      record.key,
      measured({ source, length, hash, proceed: claim.proceed }),
    )
    return digestSoFar(algorithm, hash) === digest ? { size } : undefined
  }

  async #grow(
    claim: UploadClaim,
    { source, length }: Chunk,
    algorithm: Algorithm,
    hash: Hash | undefined,
  ): Promise<Grown> {
    const { record, proceed } = claim
    const body = measured({ source, length, hash, proceed })
    const { state, size } = await this.#store.append(record.state, body)
    const digest = hash && digestSoFar(algorithm, hash)
    return { state, offset: size, digest }
  }

  /** A hash of what the upload has: the running one, or made again from the bytes where they can be read. */
  async #hashOf({ id, record }: UploadClaim, algorithm: Algorithm): Promise<Hash | undefined> {
    if (record.offset === 0) return startHash(algorithm)
    // The claim raised the version by one; the hash was kept for the record before it.
    const running = this.#running.take(id, record.version - 1)
    if (running && algorithm === record.algorithm) return running
    const bytes = this.#store.reread(record.state)
    return bytes && hashOf(algorithm, bytes)
  }

  async #readBack(key: string, algorithm: Algorithm): Promise<Digest | undefined> {
    const bytes = await this.#store.read(key)
    return bytes && digestSoFar(algorithm, await hashOf(algorithm, bytes))
  }
}

/** The version that the first claim of an upload has, after a start that wrote version 1. */
const FIRST_CLAIM = 2

const nothing = (): Chunk => ({ source: (async function* () {})(), start: undefined, length: 0 })

async function* copied(pieces: Pieces): Source {
  for await (const piece of pieces) yield piece.slice()
}

async function hashOf(algorithm: Algorithm, bytes: Pieces): Promise<Hash> {
  const hash = startHash(algorithm)
  for await (const piece of bytes) hash.update(piece)
  return hash
}
