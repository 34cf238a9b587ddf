import { Agent } from 'node:http'
import { S3Client } from '@aws-sdk/client-s3'
import { S3BlobStore } from '@sluice/adapters/aws/s3-blob-store'
import { s3ClientSettings } from '@sluice/adapters/aws/s3-client-settings'
import { StorageError } from '@sluice/core/ports/storage-error'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { digestOf, noise, objectKey, sourceOf } from '../../contracts/sources.ts'
import { CREDENTIALS, REGION } from '../engines/credentials.ts'
import { engineUrls, newBucket, s3Client } from '../engines/engines.ts'
import { startCuttingServer, type CuttingServer } from './cutting-server.ts'

const SIZE = 20_000_000
const direct = s3Client()
const key = objectKey()
let bucket = ''
let whole = ''
let server: CuttingServer

beforeAll(async () => {
  bucket = await newBucket(direct)
  await new S3BlobStore(direct, bucket).write(key, sourceOf(...noise(SIZE, 'read')))
  whole = await digestOf(noise(SIZE, 'read'))
  server = await startCuttingServer(engineUrls().s3)
})
afterAll(async () => {
  direct.destroy()
  await server.close()
})

/** One connection, so that one which is never given back makes the next call wait for ever. */
function storeOfOne({ socketTimeout = 20_000 } = {}): S3BlobStore {
  const settings = s3ClientSettings({ pathStyle: true })
  const httpAgent = new Agent({ keepAlive: true, maxSockets: 1 })
  const requestHandler = { ...settings.requestHandler, httpAgent, socketTimeout }
  const where = { endpoint: server.url, region: REGION, credentials: CREDENTIALS }
  return new S3BlobStore(new S3Client({ ...settings, ...where, requestHandler }), bucket)
}

describe('reading from S3', () => {
  it('gives its connection back at the end of an object', async () => {
    const store = storeOfOne()
    for (let round = 0; round < 3; round++) {
      expect(await digestOf((await store.read(key)) ?? [])).toBe(whole)
    }
    expect(server.open()).toBeLessThanOrEqual(1)
  })

  it('closes its connection when the reader stops early', async () => {
    const store = storeOfOne()
    for (let round = 0; round < 20; round++) {
      for await (const piece of (await store.read(key)) ?? []) {
        expect(piece.byteLength).toBeGreaterThan(0)
        break
      }
    }
    expect(await store.stat(key)).toStrictEqual({ size: SIZE })
  })

  it('gives up the connection of what nobody reads, and whoever comes to read it later still can', async () => {
    const store = storeOfOne({ socketTimeout: 300 })
    const pieces = await store.read(key)
    expect(await store.stat(key)).toStrictEqual({ size: SIZE })
    expect(await digestOf(pieces ?? [])).toBe(whole)
  })

  it('goes on where a connection broke', async () => {
    server.cut(5_000_000, 1_000_000)
    expect(await digestOf((await storeOfOne().read(key)) ?? [])).toBe(whole)
    server.cut(3_000_000)
    const range = { start: 1_000_000, end: 17_999_999 }
    const bytes = Buffer.concat([...noise(SIZE, 'read')]).subarray(range.start, range.end + 1)
    expect(await digestOf((await storeOfOne().read(key, range)) ?? [])).toBe(
      await digestOf([bytes]),
    )
  })

  it('fails where it breaks again and again', async () => {
    server.cut(2_000_000, ...Array.from({ length: 20 }, () => 0))
    const pieces = (await storeOfOne().read(key)) ?? []
    await expect(digestOf(pieces)).rejects.toThrow(StorageError)
    server.close().catch(() => undefined)
    server = await startCuttingServer(engineUrls().s3)
  }, 60_000)

  it('fails where the object goes away', async () => {
    const going = objectKey()
    const store = storeOfOne()
    await store.write(going, sourceOf(...noise(SIZE, 'going')))
    server.cut(1_000_000)
    const pieces = (await storeOfOne().read(going)) ?? []
    await store.delete(going)
    await expect(digestOf(pieces)).rejects.toThrow(/gone/)
  })

  it('refuses a range that is none', async () => {
    const store = storeOfOne()
    await expect(store.read(key, { start: 5, end: 4 })).rejects.toThrow(RangeError)
    await expect(store.read(key, { start: -1, end: 4 })).rejects.toThrow(RangeError)
    await expect(store.read(key, { start: SIZE, end: SIZE })).rejects.toThrow(StorageError)
  })
})
