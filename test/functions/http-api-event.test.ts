import { randomBytes } from 'node:crypto'
import { requestOf } from '@sluice/functions/http-api-event'
import { describe, expect, it } from 'vitest'
import { event } from './event.ts'

const URLS = /^http:\/\/registry/

/** Path and query that the app sees. */
const seen = (target: string, rules = {}): string =>
  requestOf(event({ target }, rules), '').request.url.replace(URLS, '')

async function bytesOf(body: AsyncIterable<Uint8Array> | undefined): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(body ?? []))
}

describe('an HTTP API event', () => {
  const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))

  it.each([
    ['no Content-Type', undefined, every],
    ['a binary Content-Type', 'application/octet-stream', every],
    ['a manifest', 'application/vnd.oci.image.manifest.v1+json', Buffer.from('{"ü":"\u2028"}')],
    ['a form', 'application/x-www-form-urlencoded', Buffer.from('a=b&c=%20')],
    ['JSON', 'application/json', Buffer.from('\ufeff{"ü":1}')],
    ['megabytes', undefined, randomBytes(4_000_000)],
  ])('gives the bytes of a body with %s as they came', async (_, type, body) => {
    for (const plusJsonIsText of [true, false]) {
      const headers = { ...(type && { 'content-type': type }) }
      const made = event({ method: 'PUT', headers, body }, { plusJsonIsText })
      const { request, bindings } = requestOf(made, '')
      expect((await bytesOf(bindings.body)).equals(body)).toBe(true)
      expect(request.headers.get('content-length')).toBe(String(body.byteLength))
    }
  })

  it('has no framing but a length, whatever the client chose', async () => {
    const headers = { 'transfer-encoding': 'chunked', 'content-length': '99' }
    const made = event({ method: 'PATCH', headers, body: Buffer.from('abc') })
    made.headers['transfer-encoding'] = 'chunked'
    made.headers['content-length'] = '99'
    const { request } = requestOf(made, '')
    expect(request.headers.get('transfer-encoding')).toBeNull()
    expect(request.headers.get('content-length')).toBe('3')
    const none = requestOf(event(), '')
    expect(await bytesOf(none.bindings.body)).toEqual(Buffer.alloc(0))
    expect(none.request.headers.get('content-length')).toBe('0')
  })

  it.each([
    ['/v2/a/b/manifests/v1', '/v2/a/b/manifests/v1'],
    ['/v2/a/b/blobs/sha256:0f', '/v2/a/b/blobs/sha256:0f'],
    ['/v2/a/b/blobs/sha256%3A0f', '/v2/a/b/blobs/sha256:0f'],
    ['/v2/%22%3C%3E/x', '/v2/%22%3C%3E/x'],
    ['/v2/a%0d%0aX:%20y/x', '/v2/a%0D%0AX:%20y/x'],
    ['/v2/%5C..%5Cx', '/v2/%5C..%5Cx'],
    ['/v2/%EF%BD%81/x', '/v2/%EF%BD%81/x'],
    ['/v2/a%23b/x', '/v2/a%23b/x'],
    ['/v2/a%25zz/x', '/v2/a%25zz/x'],
    ['/v2/a%00/x', '/v2/a%00/x'],
    ['/v2/x%20', '/v2/x%20'],
    ['//v2/x', '/v2/x'],
  ])('keeps the path %s a path', (target, path) => {
    expect(seen(target)).toBe(path)
    expect(seen(`${target}?n=1`)).toBe(`${path}?n=1`)
  })

  it('never lets a decoded question mark begin a query, cut there or not', () => {
    expect(seen('/v2/a%3Fn=9/x?n=1', { cutsPathAtQuestionMark: false })).toBe('/v2/a%3Fn=9/x?n=1')
    expect(seen('/v2/a%3Fn=9/x?n=1')).toBe('/v2/a?n=1')
  })

  it('keeps a path that the gateway did not decode as it is', () => {
    const rules = { decodesPath: false, cutsPathAtQuestionMark: false }
    expect(seen('/v2/a%2Fb%3F/blobs/sha256%3A0f', rules)).toBe('/v2/a%2Fb%3F/blobs/sha256%3A0f')
  })

  it.each(['n=1&last=a%26b%3D', 'digest=sha256%3A0f&x=+', 'a#b', 'last=%', 'last=%ff', '?x=?'])(
    'keeps the query %s',
    (query) => {
      const url = new URL(`http://h${seen(`/x?${query}`)}`)
      expect(url.hash).toBe('')
      expect(url.search).toBe(`?${query.replace('#', '%23')}`)
    },
  )

  it('asks GET for HEAD, and says so', () => {
    const head = requestOf(event({ method: 'HEAD' }), '')
    expect(head.request.method).toBe('GET')
    expect(head.bindings.recomputesLength).toBe(true)
    expect(requestOf(event(), '').bindings.recomputesLength).toBeUndefined()
  })

  it('tells who asks, and whether by TLS', () => {
    expect(requestOf(event(), '192.0.2.9').bindings).toMatchObject({
      remoteAddress: '192.0.2.9',
      secure: true,
    })
    expect(requestOf(event({}, { forwardedProto: 'http' }), '').bindings.secure).toBe(false)
  })

  it('refuses what is no header value and what is no method', () => {
    expect(() => requestOf(event({ headers: { x: 'a\nb' } }), '')).toThrow(TypeError)
    expect(() => requestOf(event({ headers: { x: '\u{1f600}' } }), '')).toThrow(TypeError)
    expect(() => requestOf(event({ method: 'TRACE' }), '')).toThrow(TypeError)
  })
})
