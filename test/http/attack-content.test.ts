/** Content that is made to harm: each is refused, changes nothing, and the next request is answered. */
import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { digestOf } from '@sluice/core/digest'
import { OCI_INDEX, OCI_MANIFEST } from '@sluice/core/media-type'
import { changesNothing } from './changes-nothing.ts'
import { describeDoors } from './describe-doors.ts'
import { manifestBytes, plain, pushBlob, putManifest, type Descriptor } from './push.ts'
import { expectRefusal } from './refusal.ts'
import { basic } from './served-registry.ts'

const APP = '/v2/default/app'
const MIB = 1024 * 1024

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.byteLength; from += 65_536)
    yield bytes.subarray(from, from + 65_536)
}

const twice = (first: object, last: object): string =>
  `{"schemaVersion":2,"config":${JSON.stringify(first)},"config":${JSON.stringify(last)},"layers":[]}`

describeDoors('an attacker', (door) => {
  let blob: Descriptor
  beforeAll(async () => {
    blob = plain(await pushBlob(door, 'default/app'))
  })
  const image = (fields: object) => ({
    mediaType: OCI_MANIFEST,
    config: blob,
    layers: [blob],
    ...fields,
  })

  describe('who changes nothing', () => {
    changesNothing(door)

    it('sends a manifest of 4 MiB and one byte, with and without its length', async () => {
      const start = JSON.stringify(image({ schemaVersion: 2, annotations: { n: '' } }))
      const n = 'n'.repeat(4 * MIB + 1 - start.length)
      const bytes = Buffer.from(JSON.stringify(image({ schemaVersion: 2, annotations: { n } })))
      expect(bytes.byteLength).toBe(4 * MIB + 1)
      for (const body of [bytes, pieces(bytes)]) {
        const headers = { 'Content-Type': OCI_MANIFEST }
        const answer = await door.put(`${APP}/manifests/big`, body, headers)
        const [detail] = expectRefusal(answer, 413, 'MANIFEST_INVALID')
        expect(detail).toContain(String(4 * MIB))
      }
    })

    it.skipIf(door.buffers)('sends a manifest that has no end', async () => {
      let sent = 0
      const endless = (async function* () {
        for (; sent < 2000; sent++) yield Buffer.alloc(65_536, ' ')
      })()
      const answer = await door.put(`${APP}/manifests/endless`, endless, {
        'Content-Type': OCI_MANIFEST,
      })
      expectRefusal(answer, 413, 'MANIFEST_INVALID')
      expect(sent).toBeLessThan(2000)
    })

    it.each<[string, string | Uint8Array]>([
      ['lists in lists', '['.repeat(1_000_000)],
      ['maps in maps', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
      [
        'an index with deep extras',
        `{"schemaVersion":2,"manifests":[],"x":${'['.repeat(65)}${']'.repeat(65)}}`,
      ],
      ['brackets without end in a string without end', `{"a":"${'['.repeat(100_000)}`],
      ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
      [
        'an overlong NUL',
        Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xc0, 0x80]), Buffer.from('"}')]),
      ],
      [
        'half a surrogate in UTF-8',
        Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]),
      ],
      ['a byte order mark', '\ufeff{"schemaVersion":2,"manifests":[]}'],
      ['UTF-16', Buffer.from('{"schemaVersion":2,"manifests":[]}', 'utf16le')],
      ['a NUL after the end', '{"schemaVersion":2,"manifests":[]}\0'],
      ['two values', '{"schemaVersion":2,"manifests":[]}{}'],
      ['a comment', '{"schemaVersion":2,/**/"manifests":[]}'],
      ['a number beyond numbers', '{"schemaVersion":1e999,"manifests":[]}'],
      ['its list in the prototype', '{"schemaVersion":2,"__proto__":{"manifests":[]}}'],
    ])('sends a manifest of %s', async (_, bytes) => {
      const answer = await putManifest(door, 'default/app', 'odd', bytes, OCI_INDEX)
      expectRefusal(answer, 400, 'MANIFEST_INVALID')
    })

    it.each([
      'a b/c',
      'a/b\u00e9',
      'text',
      '/',
      'a/b/c',
      `a/${'b'.repeat(200)}`,
      'a/b"c',
      'a/b,c/d',
      '*/*',
    ])('sends the media type %.20s', async (mediaType) => {
      const headers = { 'Content-Type': encodeURI(mediaType) === mediaType ? mediaType : 'text' }
      const bytes = JSON.stringify({ mediaType })
      const answer = await door.put(`${APP}/manifests/odd`, bytes, headers)
      expectRefusal(answer, 400, 'MANIFEST_INVALID')
    })

    it.each(['a/b\r\nX: y', 'a/b\n', 'a/b\0', 'a/b; charset=x', '__proto__/a', ''])(
      'names the media type %j inside',
      async (mediaType) => {
        const answer = await door.put(`${APP}/manifests/odd`, JSON.stringify({ mediaType }))
        expectRefusal(answer, 400, 'MANIFEST_INVALID')
      },
    )

    it('sends what is gzip, which nothing here unpacks', async () => {
      const bytes = gzipSync(JSON.stringify({ schemaVersion: 2, manifests: [] }))
      const headers = { 'Content-Type': OCI_INDEX, 'Content-Encoding': 'gzip' }
      const answer = await door.put(`${APP}/manifests/packed`, bytes, headers)
      expectRefusal(answer, 400, 'MANIFEST_INVALID')
    })

    it('sends gzip under the digest of what is in it', async () => {
      const inside = Buffer.alloc(MIB)
      const path = `${APP}/blobs/uploads/?digest=${digestOf('sha256', inside)}`
      const answer = await door.post(path, gzipSync(inside), { 'Content-Encoding': 'gzip' })
      expectRefusal(answer, 400, 'DIGEST_INVALID')
    })

    it.each([
      ['a negative start', '-1-5'],
      ['a huge end', '0-999999999999999'],
      ['a huge start', '999999999999999-999999999999999'],
      ['a line', '0-5\tX'],
      ['two ranges', '0-1,2-5'],
      ['hex', '0x0-0x5'],
      ['a fraction', '0.5-5'],
    ])('sends a chunk with %s in Content-Range', async (_, range) => {
      const location = (await door.post(`${APP}/blobs/uploads/`)).headers.location ?? ''
      const answer = await door.patch(location, '012345', { 'Content-Range': range })
      expect([400, 416]).toContain(answer.status)
      expect((await door.get(location)).headers.range).toBe('0-0')
      expect((await door.delete(location)).status).toBe(204)
    })

    it.each([
      ['a line break', 'digest=sha256%3A%0d%0aX:%20y'],
      ['a quote', 'digest=sha256:%22'],
      ['an algorithm of the prototype', `digest=__proto__:${'0'.repeat(64)}`],
      ['a mount with a line break', 'mount=sha256:%0d%0a&from=default/app'],
      ['an algorithm with a line break', 'digest-algorithm=sha256%0d%0aX'],
      ['an algorithm of the prototype', 'digest-algorithm=constructor'],
    ])('starts an upload with %s', async (_, query) => {
      const answer = await door.post(`${APP}/blobs/uploads/?${query}`)
      expectRefusal(answer, 400, 'DIGEST_INVALID')
      expect(answer.headers['x']).toBeUndefined()
    })

    it('logs in with a password of 1 MB, by the form', async () => {
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
      const form = `grant_type=password&username=kubeadmin&password=${'p'.repeat(1_000_000)}`
      const ask = { method: 'POST', path: '/token', as: 'nobody', headers } as const
      expectRefusal(await door.ask({ ...ask, body: form }), 413, 'REQUEST_INVALID')
      expectRefusal(
        await door.ask({ ...ask, body: pieces(Buffer.from(form)) }),
        413,
        'REQUEST_INVALID',
      )
      const long = form.slice(0, 60_000)
      expectRefusal(await door.ask({ ...ask, body: long }), 401, 'UNAUTHORIZED')
    })

    it('asks for thousands of scopes by the form, and is granted what fits', async () => {
      const scopes = 'scope=repository:a/b:pull&'.repeat(2000)
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
      const body = `grant_type=password&username=kubeadmin&password=x&${scopes}`
      const answer = await door.ask({ method: 'POST', path: '/token', as: 'nobody', headers, body })
      expectRefusal(answer, 401, 'UNAUTHORIZED')
    })

    it.each(['kubeadmin', ':', 'kubeadmin:', ':x', '\0:\0', 'kubeadmin\0:x', 'KUBEADMIN:x'])(
      'logs in as %j',
      async (credentials) => {
        const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`
        const answer = await door.ask({ path: '/v2/', as: { authorization } })
        door.clock.advance(1000)
        expectRefusal(answer, 401, 'UNAUTHORIZED')
      },
    )

    it('logs in as somebody whose name is a line of the log', async () => {
      const as = { authorization: basic('kubeadmin\r\nX: y', 'x') }
      const answer = await door.ask({ path: '/v2/', as })
      expectRefusal(answer, 401, 'UNAUTHORIZED')
      expect(answer.headers['x']).toBeUndefined()
    })
  })

  it('sends names of the prototype, which stay names', async () => {
    const annotations =
      '{"__proto__":"one","constructor":"two","toString":"three","hasOwnProperty":"four","$binary":"five"}'
    const subject = { mediaType: OCI_MANIFEST, digest: `sha256:${'e'.repeat(64)}`, size: 1 }
    const bytes = `{"schemaVersion":2,"__proto__":{"mediaType":"x/y"},"constructor":{"prototype":{"polluted":1}},"config":${JSON.stringify(blob)},"layers":[],"subject":${JSON.stringify(subject)},"annotations":${annotations}}`
    expect((await putManifest(door, 'default/app', 'proto', bytes)).status).toBe(201)
    expect((await door.get(`${APP}/manifests/proto`)).body.toString()).toBe(bytes)
    const referrers = (await door.get(`${APP}/referrers/${subject.digest}`)).body.toString()
    expect(referrers).toContain(annotations)
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })

  it('sends a field twice: the last one counts, as for every reader of JSON', async () => {
    const missing = { ...blob, digest: `sha256:${'f'.repeat(64)}` }
    expect((await putManifest(door, 'default/app', 'twice', twice(missing, blob))).status).toBe(201)
    const refused = await putManifest(door, 'default/app', 'twice', twice(blob, missing))
    expectRefusal(refused, 400, 'MANIFEST_BLOB_UNKNOWN')
  })

  it('sends annotations of odd characters, which come back', async () => {
    const annotations = {
      '': '',
      '\ud800': '\udfff',
      'a\0b': '\0',
      '\u2028': '"\\',
      '😀': '\r\nX: y',
    }
    const subject = { mediaType: OCI_MANIFEST, digest: `sha256:${'d'.repeat(64)}`, size: 1 }
    const artifactType = 'a"b\r\nX: y\0😀'
    const bytes = manifestBytes(image({ annotations, subject, artifactType }))
    expect((await putManifest(door, 'default/app', 'odd', bytes)).status).toBe(201)
    const query = `?artifactType=${encodeURIComponent(artifactType)}`
    const answer = await door.get(`${APP}/referrers/${subject.digest}${query}`)
    const { manifests } = JSON.parse(answer.body.toString()) as { manifests: object[] }
    expect(manifests).toMatchObject([{ artifactType, annotations }])
    expect(answer.headers['x']).toBeUndefined()
  })

  it('sends a bomb: its bytes are kept as they came, and nothing unpacks them', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * MIB))
    const digest = digestOf('sha256', bomb)
    const headers = { 'Content-Encoding': 'gzip', 'Content-Type': 'application/gzip' }
    expect((await door.post(`${APP}/blobs/uploads/?digest=${digest}`, bomb, headers)).status).toBe(
      201,
    )
    const answer = await door.get(`${APP}/blobs/${digest}`, { 'Accept-Encoding': 'gzip, zstd' })
    expect(answer.headers['content-encoding']).toBeUndefined()
    expect(answer.body.equals(bomb)).toBe(true)
  })

  it('sends a chunk with Content-Encoding: its bytes count, not what is in them', async () => {
    const bytes = gzipSync(randomBytes(1000))
    const location = (await door.post(`${APP}/blobs/uploads/`)).headers.location ?? ''
    const answer = await door.patch(location, bytes, { 'Content-Encoding': 'gzip' })
    expect(answer.headers.range).toBe(`0-${bytes.byteLength - 1}`)
    expect((await door.put(`${location}?digest=${digestOf('sha256', bytes)}`)).status).toBe(201)
  })
})
