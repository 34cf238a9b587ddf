import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { digestOf } from '@sluice/core/digest'
import type { Answer } from './answer.ts'
import { describeDoors } from './describe-doors.ts'
import type { DoorUnderTest } from './door-under-test.ts'
import { expectRefusal } from './refusal.ts'

const UPLOADS = '/v2/default/app/blobs/uploads/'
const LOCATION = /^\/v2\/default\/app\/blobs\/uploads\/[0-9a-f]{32}$/
const DAY = 86_400_000

/** As a client follows it: the Location may carry a query of its own. */
const at = (answer: Answer): string => answer.headers.location ?? ''

async function start(door: DoorUnderTest, query = ''): Promise<string> {
  const answer = await door.post(UPLOADS + query)
  expect(answer.status).toBe(202)
  expect(at(answer)).toMatch(LOCATION)
  return at(answer)
}

const withDigest = (
  location: string,
  bytes: Uint8Array,
  algorithm: 'sha256' | 'sha512' = 'sha256',
) => `${location}?digest=${digestOf(algorithm, bytes)}`

async function* inPieces(bytes: Uint8Array, piece: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.byteLength; from += piece)
    yield bytes.subarray(from, from + piece)
}

describeDoors('end-4, end-5, end-6, end-13 and end-14, uploads', (door) => {
  /** The blob came, whole, and its upload is over. */
  async function expectBlob(
    answer: Answer,
    bytes: Uint8Array,
    algorithm: 'sha256' | 'sha512' = 'sha256',
  ) {
    const digest = digestOf(algorithm, bytes)
    expect(answer.status).toBe(201)
    expect(answer.headers).toMatchObject({
      location: `/v2/default/app/blobs/${digest}`,
      'docker-content-digest': digest,
      'docker-distribution-api-version': 'registry/2.0',
      'x-content-type-options': 'nosniff',
    })
    const blob = await door.get(at(answer))
    expect(blob.status).toBe(200)
    expect(blob.body.equals(bytes)).toBe(true)
  }

  const expectGone = async (location: string) => {
    expectRefusal(await door.get(location), 404, 'BLOB_UPLOAD_UNKNOWN')
    expectRefusal(await door.patch(location, 'more'), 404, 'BLOB_UPLOAD_UNKNOWN')
    expectRefusal(await door.put(withDigest(location, Buffer.alloc(0))), 404, 'BLOB_UPLOAD_UNKNOWN')
    expectRefusal(await door.delete(location), 404, 'BLOB_UPLOAD_UNKNOWN')
  }

  it.each([UPLOADS, UPLOADS.slice(0, -1)])('end-4a starts an upload at %s', async (path) => {
    const answer = await door.post(path)
    expect(answer.status).toBe(202)
    expect(answer.headers).toMatchObject({
      location: expect.stringMatching(LOCATION),
      range: '0-0',
    })
    expect(answer.body.byteLength).toBe(0)
  })

  it.each(['sha256', 'sha512'] as const)(
    'end-4b takes a blob in one POST, by %s',
    async (algorithm) => {
      const bytes = randomBytes(3000)
      await expectBlob(
        await door.post(withDigest(UPLOADS, bytes, algorithm), bytes),
        bytes,
        algorithm,
      )
    },
  )

  it('end-4b takes a blob in one POST of unknown length', async () => {
    const bytes = randomBytes(200_000)
    await expectBlob(await door.post(withDigest(UPLOADS, bytes), inPieces(bytes, 7000)), bytes)
  })

  it('end-4b refuses bytes of another digest, and keeps nothing', async () => {
    const wrong = withDigest(UPLOADS, Buffer.from('other'))
    expectRefusal(await door.post(wrong, 'bytes'), 400, 'DIGEST_INVALID')
    const other = `/v2/default/app/blobs/${digestOf('sha256', Buffer.from('other'))}`
    expect((await door.get(other)).status).toBe(404)
  })

  it.each(['sha256', 'sha512'] as const)(
    'end-6 takes a blob by POST and one PUT, by %s',
    async (algorithm) => {
      const bytes = randomBytes(3000)
      await expectBlob(
        await door.put(withDigest(await start(door), bytes, algorithm), bytes),
        bytes,
        algorithm,
      )
    },
  )

  it('end-6 takes a blob by POST and one PUT of unknown length', async () => {
    const bytes = randomBytes(300_000)
    const location = withDigest(await start(door), bytes)
    await expectBlob(await door.put(location, inPieces(bytes, 65_536)), bytes)
    await expectGone(location.split('?')[0] ?? '')
  })

  it('end-6 takes an empty blob', async () => {
    const bytes = Buffer.alloc(0)
    await expectBlob(await door.put(withDigest(await start(door), bytes)), bytes)
  })

  it('end-5 takes chunks in order and answers each with the true Range', async () => {
    const bytes = randomBytes(2500)
    let location = await start(door)
    for (const [from, to] of [
      [0, 999],
      [1000, 1000],
      [1001, 2499],
    ] as const) {
      const chunk = bytes.subarray(from, to + 1)
      const answer = await door.patch(location, chunk, { 'Content-Range': `${from}-${to}` })
      expect(answer.status).toBe(202)
      expect(answer.headers).toMatchObject({
        location: expect.stringMatching(LOCATION),
        range: `0-${to}`,
      })
      location = at(answer)
      const status = await door.get(location)
      expect({ status: status.status, range: status.headers.range }).toEqual({
        status: 204,
        range: `0-${to}`,
      })
    }
    await expectBlob(await door.put(withDigest(location, bytes)), bytes)
  })

  it('end-5 takes one PATCH of unknown length without Content-Range', async () => {
    const bytes = randomBytes(500_000)
    const location = await start(door)
    const answer = await door.patch(location, inPieces(bytes, 10_000))
    expect(answer.headers.range).toBe('0-499999')
    await expectBlob(await door.put(withDigest(location, bytes)), bytes)
  })

  it.each(['0-99', 'bytes=0-99', 'bytes 0-99/*', 'bytes 0-99/200'])(
    'end-5 reads Content-Range %s',
    async (range) => {
      const answer = await door.patch(await start(door), randomBytes(100), {
        'Content-Range': range,
      })
      expect({ status: answer.status, range: answer.headers.range }).toEqual({
        status: 202,
        range: '0-99',
      })
    },
  )

  it('end-6 takes the last chunk with the PUT', async () => {
    const bytes = randomBytes(300)
    const location = await start(door)
    await door.patch(location, bytes.subarray(0, 100), { 'Content-Range': '0-99' })
    const last = await door.put(withDigest(location, bytes), bytes.subarray(100), {
      'Content-Range': '100-299',
    })
    await expectBlob(last, bytes)
  })

  it.each([
    ['before the end', '50-149'],
    ['beyond the end', '200-299'],
    ['at the start again', '0-99'],
  ])('end-5 and end-6 answer a chunk %s with 416 and where the upload stands', async (_, range) => {
    const bytes = randomBytes(100)
    const location = await start(door)
    await door.patch(location, bytes, { 'Content-Range': '0-99' })
    for (const answer of [
      await door.patch(location, randomBytes(100), { 'Content-Range': range }),
      await door.put(withDigest(location, bytes), randomBytes(100), { 'Content-Range': range }),
    ]) {
      expectRefusal(answer, 416, 'RANGE_INVALID')
      expect(answer.headers).toMatchObject({ location, range: '0-99' })
    }
    await expectBlob(await door.put(withDigest(location, bytes)), bytes)
  })

  it.each([
    ['words', 'abc'],
    ['a negative start', '-5-10'],
    ['an end before its start', '5-3'],
    ['no end', '0-'],
    ['numbers beyond counting', '0-99999999999999999999'],
  ])('end-5 refuses a Content-Range of %s', async (_, range) => {
    const location = await start(door)
    const answer = await door.patch(location, randomBytes(10), { 'Content-Range': range })
    expectRefusal(answer, 400, 'BLOB_UPLOAD_INVALID')
    expect((await door.get(location)).headers.range).toBe('0-0')
  })

  it.each(['0-8', '0-10', '0-999999999999999'])(
    'end-5 refuses ten bytes that claim to be %s',
    async (range) => {
      const location = await start(door)
      for (const body of [randomBytes(10), inPieces(randomBytes(10), 3)]) {
        const answer = await door.patch(location, body, { 'Content-Range': range })
        expectRefusal(answer, 400, 'SIZE_INVALID')
        expect((await door.get(location)).headers.range).toBe('0-0')
      }
      const bytes = randomBytes(10)
      await expectBlob(await door.put(withDigest(location, bytes), bytes), bytes)
    },
  )

  it('end-6 answers another digest with 400, and the upload is gone with its bytes', async () => {
    for (const chunks of [[], ['some bytes']]) {
      const location = await start(door)
      for (const chunk of chunks) await door.patch(location, chunk)
      const answer = await door.put(withDigest(location, Buffer.from('others')), 'last')
      expectRefusal(answer, 400, 'DIGEST_INVALID')
      await expectGone(location)
    }
    const location = await start(door)
    await door.patch(location, 'some bytes')
    const answer = await door.put(withDigest(location, Buffer.from('others')))
    expectRefusal(answer, 400, 'DIGEST_INVALID')
    await expectGone(location)
  })

  it.each([
    ['no digest', ''],
    ['a bad digest', '?digest=sha256:abc'],
    ['md5', `?digest=md5:${'a'.repeat(32)}`],
    ['an empty digest', '?digest='],
  ])('end-6 refuses %s, and the upload goes on', async (_, query) => {
    const bytes = Buffer.from('bytes')
    const location = await start(door)
    expectRefusal(await door.put(location + query, bytes), 400, 'DIGEST_INVALID')
    await expectBlob(await door.put(withDigest(location, bytes), bytes), bytes)
  })

  it('end-13 answers where an upload stands, HEAD as GET', async () => {
    const location = await start(door)
    await door.patch(location, randomBytes(77))
    for (const answer of [await door.get(location), await door.head(location)]) {
      expect(answer.status).toBe(204)
      expect(answer.headers).toMatchObject({ location, range: '0-76' })
    }
  })

  it('end-14 cancels an upload', async () => {
    for (const chunks of [[], ['some bytes']]) {
      const location = await start(door)
      for (const chunk of chunks) await door.patch(location, chunk)
      expect((await door.delete(location)).status).toBe(204)
      await expectGone(location)
    }
  })

  it.each([
    ['that nobody started', '0'.repeat(32)],
    ['named by words', 'nothing'],
    ['of 1,500 characters', 'x'.repeat(1500)],
    ['of a NUL', '%00'],
    ['of a space', 'a%20b'],
    ['like a digest', 'sha256:abc'],
  ])('end-5, end-6, end-13 and end-14 know no upload %s', async (_, id) => {
    await expectGone(UPLOADS + id)
  })

  it('end-5 knows an upload in its repository alone', async () => {
    const location = (await start(door)).replace('/app/', '/other/')
    await expectGone(location)
  })

  it('end-4a refuses an algorithm that it does not know', async () => {
    expectRefusal(await door.post(`${UPLOADS}?digest-algorithm=md5`), 400, 'DIGEST_INVALID')
  })

  it.each([
    ['end-4a', UPLOADS.replace('/default/', '/nowhere/')],
    ['end-4b', withDigest(UPLOADS.replace('/default/', '/nowhere/'), Buffer.from('x'))],
  ])('%s refuses a project that does not exist', async (_, path) => {
    const [detail] = expectRefusal(await door.post(path, 'x'), 403, 'DENIED')
    expect(detail).toContain('nowhere')
  })

  it('end-4a takes deep names where the project allows them, and not elsewhere', async () => {
    expect((await door.post('/v2/deep/a/b/c/blobs/uploads/')).status).toBe(202)
    const [detail] = expectRefusal(
      await door.post('/v2/default/a/b/blobs/uploads/'),
      400,
      'NAME_INVALID',
    )
    expect(detail).toContain('exactly two levels')
  })

  it('end-4a asks a stranger for a token that may push', async () => {
    const answer = await door.ask({ method: 'POST', path: UPLOADS, as: 'nobody' })
    expectRefusal(answer, 401, 'UNAUTHORIZED')
    expect(answer.headers['www-authenticate']).toContain('scope="repository:default/app:pull,push"')
  })

  it('end-4b takes a blob that is there already, again', async () => {
    const bytes = randomBytes(100)
    for (const _ of [1, 2])
      await expectBlob(await door.post(withDigest(UPLOADS, bytes), bytes), bytes)
    const location = await start(door)
    await door.patch(location, bytes)
    await expectBlob(await door.put(withDigest(location, bytes)), bytes)
  })

  it('keeps a living upload and removes one that was idle for 24 hours, bytes and all', async () => {
    const idle = await start(door)
    await door.patch(idle, 'idle bytes')
    const living = await start(door)
    door.clock.advance(DAY - 1000)
    await door.patch(living, 'living ')
    expect((await door.registry.sweeper.sweep()).uploads).toBe(0)
    door.clock.advance(2000)
    const swept = await door.registry.sweeper.sweep()
    expect(swept.errors).toEqual([])
    expect(swept.uploads).toBeGreaterThan(0)
    await expectGone(idle)
    await door.patch(living, 'bytes')
    const bytes = Buffer.from('living bytes')
    await expectBlob(await door.put(withDigest(living, bytes)), bytes)
    door.clock.advance(2 * DAY)
    await door.registry.sweeper.sweep()
    expect(await door.served.store.listUploads(Infinity)).toEqual([])
  })
})
