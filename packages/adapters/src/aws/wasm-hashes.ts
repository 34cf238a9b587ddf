/** `PortableHashes` by hash-wasm, at some 200 to 300 MB/s; a saved state is bound to the version of its WebAssembly. */
import type { Algorithm, Digest } from '@sluice/core/digest'
import type { PortableHash, PortableHashes } from '@sluice/core/ports/portable-hashes'
import { createSHA256, createSHA512, type IHasher } from 'hash-wasm'

const create = (algorithm: Algorithm): Promise<IHasher> =>
  algorithm === 'sha256' ? createSHA256() : createSHA512()

export class WasmHashes implements PortableHashes {
  async start(algorithm: Algorithm): Promise<PortableHash> {
    return portable(algorithm, await create(algorithm))
  }

  async resume(algorithm: Algorithm, saved: Uint8Array): Promise<PortableHash | undefined> {
    const hasher = await create(algorithm)
    try {
      // A view into a larger buffer is not what it takes.
      hasher.load(Uint8Array.from(saved))
    } catch {
      return undefined
    }
    return portable(algorithm, hasher)
  }
}

const portable = (algorithm: Algorithm, hasher: IHasher): PortableHash => ({
  update: (bytes) => void hasher.update(bytes),
  digest: () => {
    const saved = hasher.save()
    const hex = hasher.digest('hex')
    hasher.load(saved)
    return `${algorithm}:${hex}` as Digest
  },
  save: () => hasher.save(),
})
