/** The digest that an object's bytes have; where hashes can be written down, in as many steps as it has pieces. */
import { algorithmOf, type Algorithm, type Digest } from '../../digest.ts'
import type { BlobStore, Pieces } from '../../ports/blob-store.ts'
import type { PortableHashes } from '../../ports/portable-hashes.ts'
import { fastHash, savedHash, type UploadHash } from '../upload-hash.ts'
import type { OnProgress } from './survey.ts'
import type { WalkState } from './walk-state.ts'

export class ObjectDigests {
  readonly #store: BlobStore
  readonly #hashes: PortableHashes | undefined

  /** Without `hashes` an object is one step, however large: whoever has little time at a time must give them. */
  constructor(store: BlobStore, hashes: PortableHashes | undefined) {
    this.#store = store
    this.#hashes = hashes
  }

  /** Goes on from what the walk has of this object (`partial`). `undefined` when it is gone meanwhile. */
  async *digestOf(
    { key, digest }: { readonly key: string; readonly digest: Digest },
    walk: WalkState,
    onProgress: OnProgress,
  ): AsyncGenerator<void, Digest | undefined> {
    const begun = await this.#begin(algorithmOf(digest), walk.partial)
    const { hash } = begun
    let { offset } = begun
    const source = await this.#bytesFrom(key, offset, walk.gathered.objects.get(key) ?? 0)
    if (!source) return undefined
    for await (const piece of source) {
      hash.update(piece)
      offset += piece.byteLength
      walk.bytes.done += piece.byteLength
      onProgress({ step: 'bytes', ...walk.bytes })
      const saved = hash.save()
      if (!saved) continue
      walk.partial = { offset, saved }
      yield
    }
    return hash.digest()
  }

  async #begin(
    algorithm: Algorithm,
    partial: WalkState['partial'],
  ): Promise<{ readonly hash: UploadHash; readonly offset: number }> {
    if (!this.#hashes) return { hash: fastHash(algorithm), offset: 0 }
    const saved = partial && (await this.#hashes.resume(algorithm, partial.saved))
    if (saved) return { hash: savedHash(algorithm, saved), offset: partial.offset }
    return { hash: savedHash(algorithm, await this.#hashes.start(algorithm)), offset: 0 }
  }

  async #bytesFrom(key: string, offset: number, size: number): Promise<Pieces | undefined> {
    if (offset === 0) return this.#store.read(key)
    return offset < size ? this.#store.read(key, { start: offset, end: size - 1 }) : nothing()
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // The whole object has been hashed; only its digest was not compared.
}
