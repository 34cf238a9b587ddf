/** What each step costs in calls to S3, which are its price and most of its time. */
import { S3BlobStore } from '@sluice/adapters/aws/s3-blob-store'
import type { Source } from '@sluice/core/ports/blob-store'
import type { Value } from '@sluice/core/ports/table'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { objectKey, sourceOf, textOf } from '../../contracts/sources.ts'
import { newBucket } from '../engines/engines.ts'
import { proxiedClients, type ProxiedClients } from '../proxy/proxied-clients.ts'
import { leftovers } from './leftovers.ts'
import { repeated } from './repeated.ts'

const MIB = 1024 * 1024
let clients: ProxiedClients
let store: S3BlobStore
let bucket = ''

beforeAll(async () => {
  clients = await proxiedClients({ requestTimeout: 20_000 })
  bucket = await newBucket(clients.s3)
  store = new S3BlobStore(clients.s3, bucket)
})
afterAll(async () => clients.close())

/** The names without `S3.`. */
async function callsOf(work: () => Promise<unknown>): Promise<Record<string, number>> {
  clients.calls.forget()
  await work()
  const counts = Object.entries(clients.calls.counts)
  return Object.fromEntries(counts.map(([name, count]) => [name.replace('S3.', ''), count]))
}

async function appended(state: Value, source: Source): Promise<Value> {
  return (await store.append(state, source)).state
}

describe('a blob in one request costs', () => {
  it.for([0, 1, 8 * MIB])('one call when it has %i bytes', async (size) => {
    const calls = await callsOf(async () => store.write(objectKey(), repeated('x', size)))
    expect(calls).toStrictEqual({ PutObject: 1 })
  })

  it('a call for each part and three more when it is larger', async () => {
    const calls = await callsOf(async () => store.write(objectKey(), repeated('x', 20 * MIB)))
    expect(calls).toStrictEqual({
      CreateMultipartUpload: 1,
      UploadPart: 3,
      ListParts: 1,
      CompleteMultipartUpload: 1,
    })
  })
})

describe('an upload costs', () => {
  it('nothing until it has bytes', async () => {
    const calls = await callsOf(async () =>
      appended(await store.open(objectKey()), sourceOf('', '')),
    )
    expect(calls).toStrictEqual({})
  })

  it('one call for a small append, and four to commit it', async () => {
    const opened = await store.open(objectKey())
    let state: Value = null
    expect(
      await callsOf(async () => (state = await appended(opened, sourceOf('x')))),
    ).toStrictEqual({ PutObject: 1 })
    expect(await callsOf(async () => store.commit(state))).toStrictEqual({
      GetObject: 1,
      PutObject: 1,
      ListObjectsV2: 1,
      DeleteObjects: 1,
    })
  })

  it('a call for each part and one for the rest, and seven to commit it', async () => {
    const opened = await store.open(objectKey())
    let state: Value = null
    expect(
      await callsOf(async () => (state = await appended(opened, repeated('x', 20 * MIB)))),
    ).toStrictEqual({ CreateMultipartUpload: 1, UploadPart: 2, PutObject: 1 })
    expect(await callsOf(async () => store.commit(state))).toStrictEqual({
      ListParts: 1,
      GetObject: 1,
      UploadPart: 1,
      CompleteMultipartUpload: 1,
      ListObjectsV2: 1,
      DeleteObjects: 1,
      ListMultipartUploads: 1,
    })
  })

  it('three calls for each of many tiny appends, and its state does not grow', async () => {
    const key = objectKey()
    const appends = 300
    let state = await store.open(key)
    const calls = await callsOf(async () => {
      for (let at = 0; at < appends; at++) {
        state = await appended(JSON.parse(JSON.stringify(state)), sourceOf(`${at},`))
        expect(JSON.stringify(state).length).toBeLessThan(400)
      }
    })
    expect(calls).toStrictEqual({
      PutObject: appends,
      GetObject: appends - 1,
      DeleteObject: appends - 2,
    })
    expect(await leftovers(clients.s3, bucket, key)).toHaveLength(2)
    await store.commit(state)
    const expected = Array.from({ length: appends }, (_, at) => `${at},`).join('')
    expect(await textOf(await store.read(key))).toBe(expected)
  }, 120_000)

  it('two calls to abort, and one for each thing that it has left', async () => {
    const state = await appended(await store.open(objectKey()), repeated('x', 20 * MIB))
    expect(await callsOf(async () => store.abort(state))).toStrictEqual({
      ListObjectsV2: 1,
      ListMultipartUploads: 1,
      DeleteObjects: 1,
      AbortMultipartUpload: 1,
    })
    const opened = await store.open(objectKey())
    expect(await callsOf(async () => store.abort(opened))).toStrictEqual({
      ListObjectsV2: 1,
      ListMultipartUploads: 1,
    })
  })
})

describe('an object costs', () => {
  it('one call for whatever is asked of it, and none for a link', async () => {
    const key = objectKey()
    await store.write(key, sourceOf('bytes'))
    const link = { ttl: 60, contentType: 'text/plain' }
    expect(
      await callsOf(async () => {
        await store.link(key, { method: 'GET', ...link })
        await store.link(key, { method: 'HEAD', ...link })
      }),
    ).toStrictEqual({})
    expect(await callsOf(async () => store.stat(key))).toStrictEqual({ HeadObject: 1 })
    expect(await callsOf(async () => textOf(await store.read(key)))).toStrictEqual({ GetObject: 1 })
    expect(await callsOf(async () => store.list({ limit: 10 }))).toStrictEqual({ ListObjectsV2: 1 })
    expect(await callsOf(async () => store.delete(key))).toStrictEqual({ DeleteObject: 1 })
  })
})
