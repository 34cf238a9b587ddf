import { S3Client } from '@aws-sdk/client-s3'
import { S3BlobStore } from '@sluice/adapters/aws/s3-blob-store'
import { s3ClientSettings } from '@sluice/adapters/aws/s3-client-settings'
import { StorageError } from '@sluice/core/ports/storage-error'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { objectKey, sourceOf } from '../../contracts/sources.ts'
import { CREDENTIALS, REGION } from '../engines/credentials.ts'
import { engineUrls, newBucket, s3Client } from '../engines/engines.ts'

const MINUTE = 60_000
const client = s3Client()
const key = objectKey()
let bucket = ''

beforeAll(async () => {
  bucket = await newBucket(client)
  await new S3BlobStore(client, bucket).write(key, sourceOf('bytes'))
})
afterAll(() => client.destroy())

/** A store whose credentials last as many milliseconds as is said, one number for each time that they are asked for. */
function storeFor(...lifetimes: readonly [number, ...number[]]) {
  let asked = 0
  const credentials = async () => {
    const lifetime = lifetimes[Math.min(asked, lifetimes.length - 1)] ?? 0
    asked++
    return { ...CREDENTIALS, expiration: new Date(Date.now() + lifetime) }
  }
  const s3 = new S3Client({
    ...s3ClientSettings({ pathStyle: true }),
    endpoint: engineUrls().s3,
    region: REGION,
    credentials,
  })
  return { store: new S3BlobStore(s3, bucket), asked: () => asked }
}

const GET = { method: 'GET', contentType: 'text/plain' } as const
const secondsOf = (link: URL): number => Number(link.searchParams.get('X-Amz-Expires'))

describe('a link to an object in S3', () => {
  it('lasts as long as is asked, a week at most', async () => {
    const { store } = storeFor(30 * 24 * 60 * MINUTE)
    expect(secondsOf(await store.link(key, { ...GET, ttl: 600 }))).toBe(600)
    expect(secondsOf(await store.link(key, { ...GET, ttl: 10_000_000 }))).toBe(604_800)
  })

  it('does not outlive the credentials that signed it', async () => {
    const { store } = storeFor(2 * MINUTE)
    for (const method of ['GET', 'HEAD'] as const) {
      const link = await store.link(key, { ...GET, method, ttl: 600 })
      expect(secondsOf(link)).toBeGreaterThan(110)
      expect(secondsOf(link)).toBeLessThanOrEqual(120)
      expect((await fetch(link, { method })).status).toBe(200)
    }
    expect(secondsOf(await store.link(key, { ...GET, ttl: 30 }))).toBe(30)
  })

  it('is signed by new credentials where the old ones have expired, or not at all', async () => {
    const renewed = await storeFor(-1000, -1000, 60 * MINUTE).store.link(key, { ...GET, ttl: 600 })
    expect(secondsOf(renewed)).toBe(600)
    const { store } = storeFor(-1000)
    await expect(store.link(key, { ...GET, ttl: 600 })).rejects.toThrow(StorageError)
  })

  it('asks for no credentials anew while those at hand last', async () => {
    const { store, asked } = storeFor(60 * MINUTE)
    for (let count = 0; count < 50; count++) await store.link(key, { ...GET, ttl: 600 })
    expect(asked()).toBe(1)
  })

  it('serves until its time has passed', async () => {
    const link = await storeFor(60 * MINUTE).store.link(key, { ...GET, ttl: 3 })
    expect((await fetch(link)).status).toBe(200)
    await sleep(4000)
    expect((await fetch(link)).status).toBe(403)
  })

  it('serves nothing else: no other key, type or longer time', async () => {
    const link = await storeFor(60 * MINUTE).store.link(key, { ...GET, ttl: 60 })
    for (const change of [
      (url: URL) => (url.pathname += '0'),
      (url: URL) => url.searchParams.set('response-content-type', 'text/html'),
      (url: URL) => url.searchParams.set('X-Amz-Expires', '6000'),
    ]) {
      const other = new URL(link)
      change(other)
      expect((await fetch(other)).status).toBe(403)
    }
  })

  it('serves a range', async () => {
    const link = await storeFor(60 * MINUTE).store.link(key, { ...GET, ttl: 60 })
    const answer = await fetch(link, { headers: { range: 'bytes=1-2' } })
    expect([answer.status, await answer.text()]).toStrictEqual([206, 'yt'])
  })
})
