import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { parseDigest } from '@sluice/core/digest'
import { describeDoors } from './describe-doors.ts'
import { describeBytes, plain, pushBlob, pushImage, type Descriptor } from './push.ts'
import { expectRefusal } from './refusal.ts'
import { expectSameHead } from './same-head.ts'

const UNKNOWN = `sha256:${'0'.repeat(64)}`

describeDoors('end-2 and end-10, blobs', (door) => {
  const bytes = randomBytes(1000)
  let blob: Descriptor
  let path: string
  beforeAll(async () => {
    blob = await pushBlob(door, 'default/app', bytes)
    path = `/v2/default/app/blobs/${blob.digest}`
  })

  it('end-2 answers GET with the bytes, and HEAD with the same headers', async () => {
    const answer = await expectSameHead(door, path)
    expect(answer.status).toBe(200)
    expect(answer.body.equals(bytes)).toBe(true)
    expect(answer.headers).toMatchObject({
      'accept-ranges': 'bytes',
      'cache-control': 'private, max-age=31536000, immutable',
      'content-length': '1000',
      'content-type': 'application/octet-stream',
      'docker-content-digest': blob.digest,
      'docker-distribution-api-version': 'registry/2.0',
      'x-content-type-options': 'nosniff',
      etag: `"${blob.digest}"`,
    })
  })

  it('end-2 serves a blob of no bytes', async () => {
    const empty = await pushBlob(door, 'default/app', Buffer.alloc(0))
    const answer = await expectSameHead(door, `/v2/default/app/blobs/${empty.digest}`)
    expect(answer.status).toBe(200)
    expect(answer.headers['content-length']).toBe('0')
  })

  it('end-2 serves a blob by its sha512', async () => {
    const strong = await pushBlob(door, 'default/app', bytes, 'sha512')
    const answer = await expectSameHead(door, `/v2/default/app/blobs/${strong.digest}`)
    expect(answer.body.equals(bytes)).toBe(true)
    expect(answer.headers['docker-content-digest']).toBe(strong.digest)
  })

  it.each([
    ['an unknown digest', `/v2/default/app/blobs/${UNKNOWN}`, 404, 'BLOB_UNKNOWN'],
    ['an unknown repository', `/v2/default/none/blobs/${UNKNOWN}`, 404, 'BLOB_UNKNOWN'],
    ['no digest', '/v2/default/app/blobs/latest', 400, 'DIGEST_INVALID'],
    ['upper-case hex', `/v2/default/app/blobs/sha256:${'A'.repeat(64)}`, 400, 'DIGEST_INVALID'],
    ['a short digest', `/v2/default/app/blobs/sha256:${'a'.repeat(63)}`, 400, 'DIGEST_INVALID'],
    ['md5', `/v2/default/app/blobs/md5:${'a'.repeat(32)}`, 400, 'DIGEST_INVALID'],
    ['a bad name', `/v2/default/App/blobs/${UNKNOWN}`, 400, 'NAME_INVALID'],
    ['a name of one level', `/v2/app/blobs/${UNKNOWN}`, 400, 'NAME_INVALID'],
    ['a name of three levels', `/v2/default/a/b/blobs/${UNKNOWN}`, 400, 'NAME_INVALID'],
  ])('end-2 refuses %s, by GET and by HEAD', async (_, wrong, status, code) => {
    expectRefusal(await expectSameHead(door, wrong), status, code)
  })

  it('end-2 shows a blob only in the repositories that have it', async () => {
    expectRefusal(await door.get(`/v2/default/other/blobs/${blob.digest}`), 404, 'BLOB_UNKNOWN')
  })

  it('end-2 asks a stranger for a token that may pull', async () => {
    const answer = await door.ask({ path, as: 'nobody' })
    expectRefusal(answer, 401, 'UNAUTHORIZED')
    expect(answer.headers['www-authenticate']).toContain('scope="repository:default/app:pull"')
  })

  it.each([
    ['the tag', (tag: string) => tag],
    ['the weak tag', (tag: string) => `W/${tag}`],
    ['one of several', (tag: string) => `"other", ${tag}`],
    ['any', () => '*'],
  ])('end-2 answers 304 to If-None-Match with %s', async (_, header) => {
    const tag = `"${blob.digest}"`
    const answer = await expectSameHead(door, path, { 'If-None-Match': header(tag) })
    expect(answer.status).toBe(304)
    expect(answer.body.byteLength).toBe(0)
    expect(answer.headers.etag).toBe(tag)
  })

  it('end-2 answers 200 to If-None-Match with another tag', async () => {
    expect((await door.get(path, { 'If-None-Match': `"${UNKNOWN}"` })).status).toBe(200)
  })

  describe('a range', () => {
    it.each([
      ['bytes=0-0', 0, 0],
      ['bytes=500-699', 500, 699],
      ['bytes=500-', 500, 999],
      ['bytes=-300', 700, 999],
      ['bytes=-5000', 0, 999],
      ['bytes=900-5000', 900, 999],
      ['bytes=999-999', 999, 999],
    ])('end-2 answers %s with 206', async (range, start, end) => {
      const answer = await door.get(path, { Range: range })
      expect(answer.status).toBe(206)
      expect(answer.headers).toMatchObject({
        'content-length': String(end - start + 1),
        'content-range': `bytes ${start}-${end}/1000`,
        'docker-content-digest': blob.digest,
      })
      expect(answer.body.equals(bytes.subarray(start, end + 1))).toBe(true)
    })

    it.each(['bytes=1000-', 'bytes=5000-6000', 'bytes=500-0', 'bytes=-0'])(
      'end-2 answers %s with 416 and the size',
      async (range) => {
        const answer = await door.get(path, { Range: range })
        expectRefusal(answer, 416, 'RANGE_INVALID')
        expect(answer.headers['content-range']).toBe('bytes */1000')
      },
    )

    it.each(['bytes=0-1,5-6', 'items=0-1', 'bytes=-', 'bytes=a-b', 'bytes 0-1'])(
      'end-2 answers %s, which it need not know, with the whole',
      async (range) => {
        const answer = await door.get(path, { Range: range })
        expect(answer.status).toBe(200)
        expect(answer.body.equals(bytes)).toBe(true)
      },
    )

    it('end-2 has no range of an empty blob', async () => {
      const empty = await pushBlob(door, 'default/app', Buffer.alloc(0))
      const answer = await door.get(`/v2/default/app/blobs/${empty.digest}`, { Range: 'bytes=0-0' })
      expectRefusal(answer, 416, 'RANGE_INVALID')
      expect(answer.headers['content-range']).toBe('bytes */0')
    })

    it('end-2 honours If-Range: the part of this blob, the whole of another', async () => {
      for (const [tag, status] of [
        [`"${blob.digest}"`, 206],
        [`"${UNKNOWN}"`, 200],
        ['Wed, 21 Oct 2015 07:28:00 GMT', 200],
      ] as const) {
        const answer = await door.get(path, { Range: 'bytes=0-0', 'If-Range': tag })
        expect(answer.status).toBe(status)
      }
    })
  })

  describe('a delete', () => {
    it('end-10 answers 202, and the blob is gone from this repository alone', async () => {
      const { digest } = await pushBlob(door, 'default/one', Buffer.from('shared'))
      await pushBlob(door, 'default/two', Buffer.from('shared'))
      expect((await door.delete(`/v2/default/one/blobs/${digest}`)).status).toBe(202)
      expectRefusal(await door.get(`/v2/default/one/blobs/${digest}`), 404, 'BLOB_UNKNOWN')
      expectRefusal(await door.delete(`/v2/default/one/blobs/${digest}`), 404, 'BLOB_UNKNOWN')
      expect((await door.get(`/v2/default/two/blobs/${digest}`)).status).toBe(200)
    })

    it('end-10 refuses while a manifest refers to the blob, and not thereafter', async () => {
      const layer = plain(await pushBlob(door, 'default/used'))
      const image = await pushImage(door, 'default/used', { config: layer, layers: [layer] })
      const used = `/v2/default/used/blobs/${layer.digest}`
      const refused = await door.delete(used)
      expectRefusal(refused, 405, 'UNSUPPORTED')
      expect(refused.headers.allow).toBe('GET, HEAD')
      expect((await door.get(used)).status).toBe(200)
      expect((await door.delete(`/v2/default/used/manifests/${image.digest}`)).status).toBe(202)
      expect((await door.delete(used)).status).toBe(202)
    })

    it('end-10 refuses what is no digest', async () => {
      expectRefusal(await door.delete('/v2/default/app/blobs/latest'), 400, 'DIGEST_INVALID')
    })
  })

  it('end-2 keeps a blob that a pusher has asked for beyond its grace', async () => {
    const { digest } = await pushBlob(door, 'default/kept')
    const kept = `/v2/default/kept/blobs/${digest}`
    door.clock.advance(20 * 3_600_000)
    expect((await door.head(kept)).status).toBe(200)
    door.clock.advance(20 * 3_600_000)
    expect((await door.registry.sweeper.sweep()).errors).toEqual([])
    expect((await door.head(kept)).status).toBe(200)
    door.clock.advance(50 * 3_600_000)
    await door.registry.sweeper.sweep()
    expect((await door.get(kept)).status).toBe(404)
  })

  it('end-2 serves a blob of several megabytes whole and in part', async () => {
    const large = randomBytes(4_500_000)
    const { digest } = describeBytes(large)
    const uploads = '/v2/default/app/blobs/uploads/'
    expect((await door.post(`${uploads}?digest=${parseDigest(digest)}`, large)).status).toBe(201)
    const whole = await door.get(`/v2/default/app/blobs/${digest}`)
    expect(whole.body.equals(large)).toBe(true)
    const part = await door.get(`/v2/default/app/blobs/${digest}`, { Range: 'bytes=1234567-4321' })
    expect(part.status).toBe(416)
    const tail = await door.get(`/v2/default/app/blobs/${digest}`, { Range: 'bytes=1234567-' })
    expect(tail.body.equals(large.subarray(1_234_567))).toBe(true)
  })
})
