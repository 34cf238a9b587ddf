/** The bytes of a claimed upload: into the store, through the hash, and at the end compared with the digest. */
import { algorithmOf, type Algorithm, type Digest } from '../digest.ts'
import { refuseBlob } from '../limits/image-limit.ts'
import type { BlobStore, Pieces, Source } from '../ports/blob-store.ts'
import type { PortableHashes } from '../ports/portable-hashes.ts'
import type { Value } from '../ports/table.ts'
import type { UploadRecord } from '../records/upload-record.ts'
import { measured } from './measured.ts'
import { RunningDigests } from './running-digests.ts'
import type { UploadClaim } from './upload-claim.ts'
import { fastHash, savedHash, type UploadHash } from './upload-hash.ts'

/** What a request brings. `start` and `length` are what its headers announce; either may be absent. */
export interface Chunk {
  readonly source: Source
  readonly start: number | undefined
  readonly length: number | undefined
  /** Told the digest of all that the upload has by then, once the chunk has come and before it is stored. */
  readonly hashed?: (digest: Digest | undefined) => void
}

export interface Grown {
  readonly state: Value
  readonly offset: number
  /** Absent where the hash of the bytes before is lost and they cannot be read again. */
  readonly digest: Digest | undefined
  /** The hash as another process can go on with it. */
  readonly hash: Uint8Array | undefined
}

export class UploadBytes {
  readonly #store: BlobStore
  readonly #hashes: PortableHashes | undefined
  readonly #running = new RunningDigests()

  constructor(store: BlobStore, hashes: PortableHashes | undefined) {
    this.#store = store
    this.#hashes = hashes
  }

  /** Appends the chunk. `keep` holds the hash for the version of the record that `claim.release` writes. */
  async append(claim: UploadClaim, chunk: Chunk): Promise<Grown & { readonly keep: () => void }> {
    const { record } = claim
    const hash = await this.#hashOf(claim, record.algorithm, chunk)
    const grown = await this.#grow(claim, chunk, hash)
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
      ? await this.#grow(claim, chunk, await this.#hashOf(claim, algorithm))
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
    const hash = fastHash(algorithm)
    const { source, length } = chunk
    const { size } = await this.#store.write(
      record.key,
      measured({ source, length, hash, proceed: claim.proceed, admit: admitOf(record) }),
    )
    return hash.digest() === digest ? { size } : undefined
  }

  async #grow(
    claim: UploadClaim,
    { source, length, hashed }: Chunk,
    hash: UploadHash | undefined,
  ): Promise<Grown> {
    const { record, proceed } = claim
    let digest: Digest | undefined
    const ended = (): void => {
      digest = hash?.digest()
      hashed?.(digest)
    }
    const admit = admitOf(record)
    const body = measured({ source, length, hash, proceed, admit, ended })
    const { state, size } = await this.#store.append(record.state, body)
    return { state, offset: size, digest, hash: hash?.save() }
  }

  /**
   * A hash of what the upload has: the running one, or one made again from what was saved of it or from the bytes where
   * they can be read. An upload whose first chunk names its range will have more, which other processes may get.
   */
  async #hashOf(
    { id, record }: UploadClaim,
    algorithm: Algorithm,
    chunk?: Chunk,
  ): Promise<UploadHash | undefined> {
    if (record.offset === 0) {
      if (!this.#hashes || chunk?.start === undefined) return fastHash(algorithm)
      return savedHash(algorithm, await this.#hashes.start(algorithm))
    }
    // The claim raised the version by one; the hash was kept for the record before it.
    const running = this.#running.take(id, record.version - 1)
    if (running?.algorithm === algorithm) return running
    const saved = algorithm === record.algorithm ? record.hash : undefined
    const resumed = saved && (await this.#hashes?.resume(algorithm, saved))
    if (resumed) return savedHash(algorithm, resumed)
    const bytes = this.#store.reread(record.state)
    return bytes && hashOf(algorithm, bytes)
  }

  async #readBack(key: string, algorithm: Algorithm): Promise<Digest | undefined> {
    const bytes = await this.#store.read(key)
    return bytes && (await hashOf(algorithm, bytes)).digest()
  }
}

/** What its project does not let in is refused as soon as it is one byte too many; the upload then stands as it did. */
function admitOf({ limit, offset }: UploadRecord): ((bytes: number) => void) | undefined {
  return limit && ((bytes) => refuseBlob(limit, offset + bytes))
}

/** The version that the first claim of an upload has, after a start that wrote version 1. */
const FIRST_CLAIM = 2

const nothing = (): Chunk => ({ source: (async function* () {})(), start: undefined, length: 0 })

async function* copied(pieces: Pieces): Source {
  for await (const piece of pieces) yield piece.slice()
}

async function hashOf(algorithm: Algorithm, bytes: Pieces): Promise<UploadHash> {
  const hash = fastHash(algorithm)
  for await (const piece of bytes) hash.update(piece)
  return hash
}
