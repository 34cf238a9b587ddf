import { CreateMultipartUploadCommand } from '@aws-sdk/client-s3'
import { S3BlobStore } from '@sluice/adapters/aws/s3-blob-store'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { objectKey, sourceOf } from '../../contracts/sources.ts'
import { newBucket, s3Client } from '../engines/engines.ts'
import { leftovers } from './leftovers.ts'
import { repeated } from './repeated.ts'

const HOUR = 3_600_000
const client = s3Client()
let bucket = ''
let store: S3BlobStore

beforeEach(async () => {
  bucket = await newBucket(client)
  store = new S3BlobStore(client, bucket)
})
afterAll(() => client.destroy())

const listed = async (before: number): Promise<string[]> =>
  (await store.listUploads(before)).map(({ key }) => key)

describe('listing a bucket', () => {
  it('names the objects before and behind the tails, in pages of any size', async () => {
    const keys = ['blobs/aa/1', 'manifests/1', 'uploads0', 'z']
    for (const key of keys) await store.write(key, sourceOf(key))
    for (let tail = 0; tail < 5; tail++) {
      await store.append(await store.open(objectKey()), sourceOf('tail'))
    }
    for (const limit of [1, 2, 3, 1000, 5000]) {
      const found: string[] = []
      for (let after: string | undefined; ;) {
        const page = await store.list({ limit, ...(after !== undefined && { after }) })
        found.push(...page.objects.map(({ key }) => key))
        expect(page.objects.length).toBeLessThanOrEqual(limit)
        if (page.next === undefined) break
        after = page.next
      }
      expect(found).toStrictEqual(keys)
    }
  })

  it('names uploads of tails and of parts, each once, until they are aborted', async () => {
    const [small, large, both] = [objectKey(), objectKey(), objectKey()]
    await store.append(await store.open(small), sourceOf('tail'))
    await store.append(await store.open(large), repeated('x', 8 * 1024 * 1024))
    for (const bytes of [9_000_000, 100]) {
      await store.append(await store.open(both), repeated('x', bytes))
    }
    const uploads = await store.listUploads(Date.now() + HOUR)
    expect(uploads.map(({ key }) => key)).toStrictEqual([small, large, both].toSorted())
    for (const { state } of uploads) await store.abort(JSON.parse(JSON.stringify(state)))
    expect(await listed(Date.now() + HOUR)).toStrictEqual([])
    for (const key of [small, large, both]) {
      expect(await leftovers(client, bucket, key)).toStrictEqual([])
    }
  })

  it('takes the last byte for the time of an upload, not the first', async () => {
    const [old, tail, part] = [objectKey(), objectKey(), objectKey()]
    await store.append(await store.open(old), sourceOf('old'))
    const begun = [
      (await store.append(await store.open(tail), repeated('x', 9_000_000))).state,
      (await store.append(await store.open(part), repeated('x', 9_000_000))).state,
    ] as const
    // S3 tells times in whole seconds.
    await sleep(2100)
    const between = Math.floor(Date.now() / 1000) * 1000
    await store.append(begun[0], sourceOf('more'))
    await store.append(begun[1], repeated('x', 7_000_000))
    expect(await listed(between)).toStrictEqual([old])
    expect(await listed(Date.now() + HOUR)).toHaveLength(3)
  })

  it('names what a lost answer has left, though it holds nothing yet', async () => {
    const key = objectKey()
    await client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: key }))
    expect(await listed(Date.now() + HOUR)).toStrictEqual([key])
    expect(await listed(Date.now() - HOUR)).toStrictEqual([])
  })

  it('names more of both than a page has', async () => {
    const keys = Array.from({ length: 1010 }, () => objectKey())
    for (let at = 0; at < keys.length; at += 50) {
      await Promise.all(
        keys.slice(at, at + 50).map(async (key) => {
          await store.append(await store.open(key), sourceOf('tail'))
          await client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: key }))
        }),
      )
    }
    expect(await listed(Date.now() + HOUR)).toStrictEqual(keys.toSorted())
  }, 120_000)
})
