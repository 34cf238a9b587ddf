import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { S3BlobStore } from '@sluice/adapters/aws/s3-blob-store'
import type { Source } from '@sluice/core/ports/blob-store'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { digestOf, objectKey } from '../../contracts/sources.ts'
import { engineUrls, newBucket, s3Client } from '../engines/engines.ts'
import { repeated } from './repeated.ts'

const MIB = 1024 * 1024
const direct = s3Client()
let bucket = ''
beforeAll(async () => {
  bucket = await newBucket(direct)
})
afterAll(() => direct.destroy())

/** A client whose parts wait on their way until they are let go. */
function heldClient() {
  const client = s3Client()
  const held: (() => void)[] = []
  let letGo = false
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName === 'UploadPartCommand' && !letGo) {
          await new Promise<void>((resolve) => held.push(resolve))
        }
        return next(args)
      },
    { step: 'finalizeRequest', name: 'held' },
  )
  const release = (): void => {
    letGo = true
    for (const resolve of held) resolve()
  }
  return { client, held, release }
}

describe('an upload of any size', () => {
  it('takes from its source only what has a buffer, whoever else uploads', async () => {
    const { client, held, release } = heldClient()
    const store = new S3BlobStore(client, bucket)
    let taken = 0
    const counted = async function* (): Source {
      for await (const piece of repeated('x', 64 * MIB)) {
        taken += piece.byteLength
        yield piece
      }
    }
    const keys = [objectKey(), objectKey()]
    const writes = keys.map(async (key) => store.write(key, counted()))
    for (let before = -1; before !== taken;) {
      before = taken
      await sleep(500)
    }
    // Four parts of both together are on their way, and each has one that waits for its turn.
    expect(held).toHaveLength(4)
    expect(taken).toBeGreaterThanOrEqual(6 * 8 * MIB)
    expect(taken).toBeLessThan(6 * 8 * MIB + MIB)
    release()
    expect(await Promise.all(writes)).toStrictEqual([{ size: 64 * MIB }, { size: 64 * MIB }])
    const expected = await digestOf(repeated('x', 64 * MIB))
    for (const key of keys) {
      expect(await digestOf((await store.read(key)) ?? [])).toBe(expected)
      await store.delete(key)
    }
    client.destroy()
  }, 60_000)

  it('of 1 GB takes less than 256 MB of memory', async () => {
    const script = join(import.meta.dirname, 'large-upload-process.ts')
    const child = spawn(process.execPath, [script, engineUrls().s3, bucket, objectKey()], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    child.stdout.on('data', (piece: Buffer) => (said += piece.toString()))
    const [code] = await once(child, 'close')
    expect(code).toBe(0)
    const { size, residentBytes } = JSON.parse(said) as { size: number; residentBytes: number }
    expect(size).toBe(1_000_000_000)
    expect(residentBytes).toBeGreaterThan(30e6)
    expect(residentBytes).toBeLessThan(256e6)
  }, 240_000)
})
