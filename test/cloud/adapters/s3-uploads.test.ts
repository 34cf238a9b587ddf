import { S3BlobStore } from '@sluice/adapters/aws/s3-blob-store'
import { StorageError } from '@sluice/core/ports/storage-error'
import type { Source } from '@sluice/core/ports/blob-store'
import type { Value } from '@sluice/core/ports/table'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { digestOf, noise, objectKey, sourceOf, textOf } from '../../contracts/sources.ts'
import { newBucket, s3Client } from '../engines/engines.ts'
import { leftovers } from './leftovers.ts'
import { repeated } from './repeated.ts'

const MIB = 1024 * 1024
const client = s3Client()
let bucket = ''
let store: S3BlobStore

beforeAll(async () => {
  bucket = await newBucket(client)
  store = new S3BlobStore(client, bucket)
})
afterAll(() => client.destroy())

const handedOn = (state: Value): Value => JSON.parse(JSON.stringify(state))

async function append(state: Value, ...sources: readonly Source[]): Promise<Value> {
  let at = state
  for (const source of sources) at = (await store.append(at, source)).state
  return at
}

describe('an upload to S3', () => {
  it('goes on in another process, over another client', async () => {
    const key = objectKey()
    const sizes = [9 * MIB, 4 * MIB, 4 * MIB, 100, 17 * MIB + 1]
    let state = await store.open(key)
    for (const size of sizes) {
      const another = s3Client()
      const elsewhere = new S3BlobStore(another, bucket)
      ;({ state } = await elsewhere.append(handedOn(state), sourceOf(...noise(size, `${size}`))))
      another.destroy()
    }
    await store.commit(handedOn(state))
    const whole = sizes.flatMap((size) => [...noise(size, `${size}`)])
    expect(await digestOf((await store.read(key)) ?? [])).toBe(await digestOf(whole))
    expect(await leftovers(client, bucket, key)).toStrictEqual([])
  })

  it.for([0, 1, 5 * MIB - 1, 5 * MIB, 8 * MIB, 8 * MIB + 1, 13 * MIB - 1, 16 * MIB, 21 * MIB])(
    'of %i bytes is the same in one go, in one append and in two',
    async (size) => {
      const [written, whole, halves] = [objectKey(), objectKey(), objectKey()]
      await store.write(written, repeated('x', size))
      const half = Math.floor(size / 2)
      const states = [
        await append(await store.open(whole), repeated('x', size)),
        await append(await store.open(halves), repeated('x', half), repeated('x', size - half)),
      ]
      for (const state of states) await store.commit(state)
      const expected = await digestOf(repeated('x', size))
      for (const key of [written, whole, halves]) {
        expect(await digestOf((await store.read(key)) ?? [])).toBe(expected)
        expect(await leftovers(client, bucket, key)).toStrictEqual([])
      }
    },
  )

  it('that is aborted leaves nothing, whichever of its states is at hand', async () => {
    for (const pick of [0, 1, 2]) {
      const key = objectKey()
      const opened = await store.open(key)
      const first = await append(opened, sourceOf('tail'))
      // Two that know nothing of each other: each begins a multipart upload of its own.
      await append(first, repeated('b', 22 * MIB))
      const last = await append(first, repeated('a', 9 * MIB), sourceOf('more'))
      expect((await leftovers(client, bucket, key)).length).toBeGreaterThan(3)
      await store.abort([opened, first, last][pick] ?? opened)
      expect(await leftovers(client, bucket, key)).toStrictEqual([])
      await expect(store.commit(last)).rejects.toThrow(StorageError)
    }
  })

  it('leaves nothing of other writers when it is committed', async () => {
    const key = objectKey()
    const opened = await store.open(key)
    await append(opened, repeated('a', 9 * MIB))
    await append(opened, sourceOf('lost'))
    await store.commit(await append(opened, repeated('b', 20 * MIB)))
    expect(await leftovers(client, bucket, key)).toStrictEqual([])
    expect(await digestOf((await store.read(key)) ?? [])).toBe(
      await digestOf(repeated('b', 20 * MIB)),
    )
  })

  it('leaves nothing of a first append, or of a write, whose source fails', async () => {
    const key = objectKey()
    const gone = new Error('the client is gone')
    const failing = async function* (): Source {
      yield* repeated('x', 30 * MIB)
      throw gone
    }
    await expect(store.append(await store.open(key), failing())).rejects.toBe(gone)
    await expect(store.write(key, failing())).rejects.toBe(gone)
    expect(await leftovers(client, bucket, key)).toStrictEqual([])
    expect(await store.stat(key)).toBeUndefined()
  })

  it('is not committed with a part that another writer has put in the place of its own', async () => {
    const key = objectKey()
    const before = await append(await store.open(key), repeated('x', 8 * MIB))
    const ours = await append(before, repeated('a', 8 * MIB), sourceOf('end'))
    const theirs = await append(before, repeated('b', 8 * MIB), sourceOf('end'))
    await expect(store.commit(ours)).rejects.toThrow(/another writer has replaced/)
    expect(await store.stat(key)).toBeUndefined()
    await store.commit(theirs)
    const bytes = ['x', 'b'].map((letter) => Buffer.alloc(8 * MIB, letter))
    expect(await digestOf((await store.read(key)) ?? [])).toBe(
      await digestOf([...bytes, Buffer.from('end')]),
    )
    // The upload is gone, and the object is of another's parts.
    await expect(store.commit(ours)).rejects.toThrow(StorageError)
  })

  it('goes on from its state and the one before, not from those before that', async () => {
    const key = objectKey()
    const states = [await append(await store.open(key), sourceOf('a'))]
    for (const letter of 'bcd') states.push(await append(states.at(-1) ?? null, sourceOf(letter)))
    const [a = null, b = null, c = null, d = null] = states
    await expect(store.append(a, sourceOf('x'))).rejects.toThrow(/gone/)
    await expect(store.append(b, sourceOf('x'))).rejects.toThrow(/gone/)
    const other = await append(c, sourceOf('x'))
    await store.commit(d)
    await expect(store.commit(other)).rejects.toThrow(StorageError)
    expect(await textOf(await store.read(key))).toBe('abcd')
  })

  it('of two states that differ in their tails is committed as one of them', async () => {
    const key = objectKey()
    const before = await append(await store.open(key), repeated('x', 8 * MIB))
    const [ours, theirs] = [
      await append(before, sourceOf('ours!!')),
      await append(before, sourceOf('theirs')),
    ]
    await store.commit(ours)
    await expect(store.commit(theirs)).rejects.toThrow(StorageError)
    await store.commit(handedOn(ours))
    const range = { start: 8 * MIB - 1, end: 8 * MIB + 5 }
    expect(await textOf(await store.read(key, range))).toBe('xours!!')
  })

  it('of more than 10,000 parts is refused before a byte is sent', async () => {
    const key = objectKey()
    const state = await append(await store.open(key), repeated('x', 8 * MIB))
    const { multipart, ...rest } = handedOn(state) as { multipart: Record<string, Value> }
    const full = { ...rest, multipart: { ...multipart, parts: 10_000 } }
    expect(JSON.stringify(full).length).toBeLessThan(1000)
    for (const source of [repeated('y', 6 * MIB), sourceOf('y')]) {
      await expect(store.append(full, source)).rejects.toMatchObject({
        reason: 'limit',
        message: expect.stringMatching(/at most 10000 parts/),
      })
    }
    expect(await leftovers(client, bucket, key)).toHaveLength(1)
    await store.abort(state)
  })

  it('refuses a state that is none, and a key that is a tail’s', async () => {
    const states: Value[] = [null, 'state', {}, { key: 'blobs/a', id: 'x', size: -1 }]
    for (const state of states) {
      await expect(store.commit(state)).rejects.toThrow(TypeError)
    }
    for (const key of ['uploads/x', '../x', 'A', '']) {
      await expect(store.open(key)).rejects.toThrow(TypeError)
      await expect(store.write(key, sourceOf('x'))).rejects.toThrow(TypeError)
      await expect(store.delete(key)).rejects.toThrow(TypeError)
    }
  })

  it('is not damaged on its way: S3 refuses a part and an object that are', async () => {
    const damaging = s3Client()
    damaging.middlewareStack.add(
      (next) => async (args) => {
        const request = args.request as { method: string; body: unknown }
        if (request.method === 'PUT' && request.body instanceof Uint8Array) {
          request.body = Buffer.from(request.body)
          ;(request.body as Buffer)[7] = 0
        }
        return next(args)
      },
      { step: 'finalizeRequest', priority: 'low' },
    )
    const damaged = new S3BlobStore(damaging, bucket)
    for (const size of [100, 9 * MIB]) {
      const key = objectKey()
      await expect(damaged.write(key, repeated('x', size))).rejects.toThrow(/BadDigest/)
      await expect(damaged.append(await damaged.open(key), repeated('x', size))).rejects.toThrow(
        /BadDigest/,
      )
      expect(await store.stat(key)).toBeUndefined()
      expect(await leftovers(client, bucket, key)).toStrictEqual([])
    }
    damaging.destroy()
  })
})
