import { WasmHashes } from '@sluice/adapters/aws/wasm-hashes'
import { digestOf, type Algorithm } from '@sluice/core/digest'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { propertyRuns } from '../../property-runs.ts'

const ALGORITHMS: readonly Algorithm[] = ['sha256', 'sha512']

describe.for(ALGORITHMS)('WasmHashes, %s', (algorithm) => {
  it('goes on from what was saved, however the bytes are cut, and agrees with node:crypto', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }),
        async (pieces) => {
          const hashes = new WasmHashes()
          let hash = await hashes.start(algorithm)
          const seen: Uint8Array[] = []
          for (const piece of pieces) {
            hash.update(piece)
            seen.push(piece)
            expect(hash.digest()).toBe(digestOf(algorithm, Buffer.concat(seen)))
            const saved = JSON.parse(JSON.stringify([...hash.save()])) as number[]
            expect(saved.length).toBeLessThan(512)
            const resumed = await new WasmHashes().resume(algorithm, Uint8Array.from(saved))
            if (!resumed) throw new Error('it does not take what it saved')
            hash = resumed
          }
          expect(hash.digest()).toBe(digestOf(algorithm, Buffer.concat(seen)))
        },
      ),
      propertyRuns(60),
    )
  })

  it('refuses what it has not saved, or another algorithm has', async () => {
    const hashes = new WasmHashes()
    const other = algorithm === 'sha256' ? 'sha512' : 'sha256'
    expect(await hashes.resume(algorithm, new Uint8Array(116))).toBeUndefined()
    expect(await hashes.resume(algorithm, (await hashes.start(other)).save())).toBeUndefined()
    expect(await hashes.resume(algorithm, new Uint8Array())).toBeUndefined()
  })
})
