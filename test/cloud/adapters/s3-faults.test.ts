/** Every call of an upload fails once, and then for good, in each way that a call can fail. */
import { S3BlobStore } from '@sluice/adapters/aws/s3-blob-store'
import { StorageError } from '@sluice/core/ports/storage-error'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { digestOf, objectKey, sourceOf } from '../../contracts/sources.ts'
import { newBucket, s3Client } from '../engines/engines.ts'
import type { FaultKind } from '../proxy/calls.ts'
import { proxiedClients, type ProxiedClients } from '../proxy/proxied-clients.ts'
import { leftovers } from './leftovers.ts'
import { repeated } from './repeated.ts'

const MIB = 1024 * 1024
const direct = s3Client()
let clients: ProxiedClients
let bucket = ''
/** Over calls that fail, and over those that do not. */
let store: S3BlobStore
let plain: S3BlobStore

beforeAll(async () => {
  bucket = await newBucket(direct)
  plain = new S3BlobStore(direct, bucket)
})
beforeEach(async () => {
  clients = await proxiedClients({ requestTimeout: 3000, s3Attempts: 2 })
  store = new S3BlobStore(clients.s3, bucket)
  return async () => clients.close()
})
afterAll(() => direct.destroy())

interface Way {
  readonly size: number
  run(key: string): Promise<unknown>
}

const way = (size: number, run: Way['run']): Way => ({ size, run })

/** Each way of making an object, and the calls that it consists of. */
const WAYS: Readonly<Record<string, Way & { readonly calls: readonly string[] }>> = {
  'a small write': {
    ...way(1000, async (key) => store.write(key, repeated('x', 1000))),
    calls: ['PutObject'],
  },
  'a large write': {
    ...way(17 * MIB, async (key) => store.write(key, repeated('x', 17 * MIB))),
    calls: ['CreateMultipartUpload', 'UploadPart', 'ListParts', 'CompleteMultipartUpload'],
  },
  'a small upload': {
    ...way(3000, async (key) => {
      let { state } = await store.append(await store.open(key), repeated('x', 1000))
      for (let more = 0; more < 2; more++)
        ({ state } = await store.append(state, repeated('x', 1000)))
      await store.commit(state)
    }),
    calls: ['PutObject', 'GetObject', 'DeleteObject', 'ListObjectsV2', 'DeleteObjects'],
  },
  'a large upload': {
    ...way(18 * MIB, async (key) => {
      const { state } = await store.append(await store.open(key), repeated('x', 9 * MIB))
      const after = await store.append(state, repeated('x', 9 * MIB))
      await store.commit(after.state)
    }),
    calls: [
      'CreateMultipartUpload',
      'UploadPart',
      'PutObject',
      'GetObject',
      'ListParts',
      'CompleteMultipartUpload',
      'ListObjectsV2',
      'ListMultipartUploads',
      'DeleteObjects',
    ],
  },
}

/** Those that write are tried with all kinds, the others with one that nothing came of and one that something did. */
const WRITES = new Set(['PutObject', 'UploadPart', 'CompleteMultipartUpload'])
const ALL: readonly FaultKind[] = ['error', 'throttle', 'timeout', 'reset', 'lost']
const TWO: readonly FaultKind[] = ['throttle', 'lost']

const CASES = Object.entries(WAYS).flatMap(([name, { calls }]) =>
  calls.flatMap((call) =>
    (WRITES.has(call) ? ALL : TWO).map((kind) => [kind, call, name] as const),
  ),
)

const struck = (): number => clients.calls.list.filter(({ fault }) => fault !== undefined).length

async function expectWhole(key: string, size: number): Promise<void> {
  expect(await digestOf((await plain.read(key)) ?? [])).toBe(await digestOf(repeated('x', size)))
}

describe('a call to S3 that fails once is sent again:', () => {
  it.for(CASES)('%s of %s in %s', { timeout: 60_000 }, async ([kind, call, name]) => {
    const tried = WAYS[name]!
    const key = objectKey()
    clients.calls.inject({ kind, call: 1, name: `S3.${call}`, lasts: 'once' })
    await tried.run(key)
    expect(struck()).toBe(1)
    await expectWhole(key, tried.size)
    // What a lost answer to its creation has left is empty, and found by abort, listUploads and the bucket's rule.
    const left = (await leftovers(direct, bucket, key)).length
    expect(left).toBeLessThanOrEqual(kind === 'lost' && name === 'a large write' ? 1 : 0)
  })
})

/** Of each, when S3 has done it and nobody ever hears so, the store finds out that it is done. */
const FOUND_OUT = new Set(['PutObject', 'CompleteMultipartUpload'])

/** What is only tidied up does not fail what it was for. */
const MAY_FAIL = new Set(['DeleteObject', 'ListObjectsV2', 'ListMultipartUploads', 'DeleteObjects'])

describe('a call to S3 that goes on failing', () => {
  it.for(CASES.filter(([kind]) => kind !== 'timeout'))(
    'fails, or does not matter: %s of %s in %s',
    { timeout: 60_000 },
    async ([kind, call, name]) => {
      const tried = WAYS[name]!
      const key = objectKey()
      clients.calls.inject({ kind, call: 1, name: `S3.${call}`, lasts: 'call' })
      const [outcome] = await Promise.allSettled([tried.run(key)])
      clients.calls.heal()
      expect(struck()).toBeGreaterThan(0)
      const done = MAY_FAIL.has(call) || (kind === 'lost' && FOUND_OUT.has(call))
      expect(outcome).toMatchObject(
        done
          ? { status: 'fulfilled' }
          : { reason: { name: 'StorageError', reason: 'unavailable' } },
      )
      expect(await plain.stat(key)).toStrictEqual(done ? { size: tried.size } : undefined)
      await plain.abort(await plain.open(key))
      expect(await leftovers(direct, bucket, key)).toStrictEqual([])
    },
  )

  it('leaves an append as its state says, and the next one succeeds', async () => {
    for (const call of ['UploadPart', 'PutObject', 'GetObject']) {
      const key = objectKey()
      const { state } = await store.append(await store.open(key), repeated('x', 9 * MIB))
      clients.calls.forget()
      clients.calls.inject({ kind: 'error', call: 1, name: `S3.${call}`, lasts: 'call' })
      await expect(store.append(state, repeated('y', 9 * MIB))).rejects.toThrow(StorageError)
      clients.calls.heal()
      const { state: after } = await store.append(state, sourceOf('z'))
      await store.commit(after)
      const expected = [Buffer.alloc(9 * MIB, 'x'), Buffer.from('z')]
      expect(await digestOf((await store.read(key)) ?? [])).toBe(await digestOf(expected))
    }
  }, 60_000)

  it('does not make a write that came second seem to be the first', async () => {
    const key = objectKey()
    await plain.write(key, sourceOf('first!'))
    clients.calls.forget()
    clients.calls.inject({ kind: 'lost', call: 1, name: 'S3.PutObject', lasts: 'once' })
    await expect(store.write(key, sourceOf('second'))).rejects.toThrow(/PreconditionFailed/)
    // Of the same bytes it is no less a second write.
    await expect(store.write(key, sourceOf('first!'))).rejects.toThrow(/PreconditionFailed/)
  })

  it.for([2, 3])('%i times in a conflict with another write is tried thrice', async (conflicts) => {
    let tried = 0
    clients.s3.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName === 'PutObjectCommand' && tried++ < conflicts) {
            const error = new Error('a conflicting conditional operation is in progress')
            throw Object.assign(error, { $metadata: { httpStatusCode: 409 } })
          }
          return next(args)
        },
      { step: 'build', name: 'conflicts' },
    )
    const key = objectKey()
    const [outcome] = await Promise.allSettled([store.write(key, sourceOf('bytes'))])
    expect(tried).toBe(3)
    expect(outcome.status).toBe(conflicts < 3 ? 'fulfilled' : 'rejected')
    expect(await plain.stat(key)).toStrictEqual(conflicts < 3 ? { size: 5 } : undefined)
  })

  it('ends a commit in vain after which another one finds the object', async () => {
    const key = objectKey()
    const { state } = await store.append(await store.open(key), repeated('x', 9 * MIB))
    clients.calls.forget()
    clients.calls.inject({
      kind: 'lost',
      call: 1,
      name: 'S3.CompleteMultipartUpload',
      lasts: 'service',
    })
    await expect(store.commit(state)).rejects.toThrow(StorageError)
    clients.calls.heal()
    await store.commit(state)
    await expectWhole(key, 9 * MIB)
    expect(await leftovers(direct, bucket, key)).toStrictEqual([])
  }, 60_000)
})
