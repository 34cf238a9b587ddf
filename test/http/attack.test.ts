/** Requests that no client sends, byte by byte: each is refused, changes nothing, and the next one is answered. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { OCI_INDEX } from '@sluice/core/media-type'
import { changesNothing } from './changes-nothing.ts'
import { DoorUnderTest, openNodeDoor } from './door-under-test.ts'
import { pushImage } from './push.ts'
import { rawExchange } from './raw-exchange.ts'
import { ADMIN } from './served-registry.ts'

const APP = '/v2/default/app'
const SMUGGLED = `DELETE ${APP}/manifests/v1 HTTP/1.1\r\nHost: h\r\nAuthorization: ${ADMIN}\r\n\r\n`
const INDEX = '{"schemaVersion":2,"manifests":[]}'

const head = (line: string, fields: readonly string[], host = 'registry.test') =>
  `${line} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`
const get = (target: string, ...fields: readonly string[]) =>
  head(`GET ${target}`, [`Authorization: ${ADMIN}`, ...fields])
const put = (fields: readonly string[], body: string) =>
  head(`PUT ${APP}/manifests/new`, [
    `Authorization: ${ADMIN}`,
    `Content-Type: ${OCI_INDEX}`,
    ...fields,
  ]) + body

describe('an attacker at the Node door', () => {
  const door = new DoorUnderTest(openNodeDoor, {})
  beforeAll(async () => {
    await door.open()
    await pushImage(door, 'default/app', { reference: 'v1' })
  })
  afterAll(() => door.close())
  const { accept } = changesNothing(door)
  /** The registry has noticed that a body will not come to its end, and is done with it. */
  const brokenOff = () =>
    vi.waitFor(() => expect(door.served.failures).toMatchObject([{ code: 'ECONNRESET' }]), 5000)
  const send = (bytes: string, options = {}) => rawExchange(door.url, bytes, options)

  it.each<[string, string, number, string]>([
    ['climbs out with ..', `${APP}/manifests/../../../../etc/passwd`, 404, 'NOT_FOUND'],
    ['climbs within with ..', '/v2/default/../app/manifests/v1', 400, 'NAME_INVALID'],
    ['climbs with %2e%2e', '/v2/default/%2e%2e/app/manifests/v1', 400, 'NAME_INVALID'],
    ['climbs with ..%2f', '/v2/..%2f..%2fetc/app/manifests/v1', 400, 'NAME_INVALID'],
    ['names an upload %2e%2e', `${APP}/blobs/uploads/%2e%2e`, 404, 'NOT_FOUND'],
    ['names a blob ..%2f', `${APP}/blobs/..%2f..%2frecords.db`, 400, 'DIGEST_INVALID'],
    ['sends a NUL in a tag', `${APP}/manifests/v1%00`, 400, 'TAG_INVALID'],
    ['sends a NUL in a name', '/v2/default/app%00/manifests/v1', 400, 'NAME_INVALID'],
    ['sends a slash as %2F', '/v2/default%2Fapp/manifests/v1', 400, 'NAME_INVALID'],
    ['sends a backslash as %5C', '/v2/default%5Capp/manifests/v1', 400, 'NAME_INVALID'],
    ['leaves out a name', '/v2//manifests/v1', 400, 'NAME_INVALID'],
    ['doubles a slash', '/v2//default/app/manifests/v1', 400, 'NAME_INVALID'],
    ['doubles the first slash', '//v2/default/app/manifests/v1', 404, 'NOT_FOUND'],
    ['sends bytes that are no UTF-8', `${APP}/manifests/%ff%fe`, 400, 'TAG_INVALID'],
    ['sends a broken percent sign', `${APP}/manifests/%zz`, 400, 'TAG_INVALID'],
    ['sends a line break in a tag', `${APP}/manifests/v1%0d%0aX`, 400, 'TAG_INVALID'],
    [
      'sends a line break in a name',
      '/v2/default/app%0d%0aX:%20y/manifests/v1',
      400,
      'NAME_INVALID',
    ],
    ['sends a line break in a digest', `${APP}/blobs/sha256:%0d%0aX:%20y`, 400, 'DIGEST_INVALID'],
    ['sends a quote in a name', '/v2/default/app%22/manifests/v1', 400, 'NAME_INVALID'],
    ['sends full-width letters', '/v2/default/%EF%BD%81pp/manifests/v1', 400, 'NAME_INVALID'],
    [
      'sends a tag of 10,000 characters',
      `${APP}/manifests/${'t'.repeat(10_000)}`,
      400,
      'TAG_INVALID',
    ],
    [
      'sends a name of 10,000 characters',
      `/v2/default/${'n'.repeat(10_000)}/manifests/v1`,
      400,
      'NAME_INVALID',
    ],
    [
      'sends a name of 5,000 levels',
      `/v2/default${'/n'.repeat(5000)}/manifests/v1`,
      400,
      'NAME_INVALID',
    ],
    ['names the prototype', '/v2/__proto__/constructor/manifests/v1', 400, 'NAME_INVALID'],
    ['tags the prototype', `${APP}/manifests/__proto__`, 404, 'MANIFEST_UNKNOWN'],
    ['puts a number below zero', `${APP}/tags/list?n=-1`, 400, 'PAGINATION_NUMBER_INVALID'],
    ['puts a number as a power', `${APP}/tags/list?n=1e9`, 400, 'PAGINATION_NUMBER_INVALID'],
    ['asks for bytes from beyond', `${APP}/blobs/sha256:${'0'.repeat(64)}`, 404, 'BLOB_UNKNOWN'],
  ])('%s', async (_, target, status, code) => {
    const answer = await send(get(target))
    expect({ status: answer.status, answers: answer.answers }).toEqual({ status, answers: 1 })
    expect(JSON.parse(answer.body)).toMatchObject({ errors: [{ code }] })
    expect(answer.headers['x']).toBeUndefined()
  })

  it.each([
    '%00',
    '%ff%fe',
    '%0d%0aX:%20y',
    '%22%3E%3Cscript%3E',
    'a#b',
    '%',
    '%F0%9F%98%80',
    "'%20OR%201=1--",
    'z'.repeat(12_000),
  ])('lists from behind odd bytes: %.20s', async (last) => {
    for (const path of [
      `${APP}/tags/list`,
      '/v2/_catalog',
      `${APP}/referrers/sha256:${'0'.repeat(64)}`,
    ]) {
      const answer = await send(get(`${path}?n=1&last=${last}`))
      expect(answer.status).toBe(200)
      expect(answer.headers['x']).toBeUndefined()
      expect(answer.headers.link ?? '').toMatch(/^$|^<\/v2\/[\x21-\x7e]+>; rel="next"$/)
    }
  })

  it('never repeats odd bytes of a filter in a Link', async () => {
    const type = encodeURIComponent('a>; rel="x"\r\nX: y')
    const answer = await send(
      get(`${APP}/referrers/sha256:${'0'.repeat(64)}?n=1&artifactType=${type}`),
    )
    expect(answer.status).toBe(200)
    expect(answer.headers['x']).toBeUndefined()
  })

  it.each([
    ['a NUL in its target', get(`${APP}/manifests/v1\0`)],
    ['a space in its target', get(`${APP}/manifests/v1 x`)],
    ['a byte above ASCII in its target', get(`${APP}/manifests/v1\xff`)],
    ['a backslash in its target', get('/v2/default\\app/manifests/v1')],
    ['a target without a slash', get('v2/')],
    ['a star for a target', get('*')],
    ['a carriage return in a header', get('/v2/', 'X-One: a\rX-Two: b')],
    ['a line that is folded', get('/v2/', 'X-One: a\r\n b')],
    ['a space before a colon', get('/v2/', 'X-One : a')],
    ['bare line feeds', 'GET /v2/ HTTP/1.1\nHost: h\nConnection: close\n\n'],
    ['no Host', `GET /v2/ HTTP/1.1\r\nAuthorization: ${ADMIN}\r\nConnection: close\r\n\r\n`],
    ['a method of its own', head('STEAL /v2/', [`Authorization: ${ADMIN}`])],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['HTTP/9.9', 'GET /v2/ HTTP/9.9\r\nHost: h\r\n\r\n'],
  ])('sends %s and gets 400', async (_, bytes) => {
    const { status, answers } = await send(bytes)
    expect({ status, answers }).toEqual({ status: 400, answers: 1 })
  })

  it.each([
    'a b',
    'evil"',
    'a\tb',
    '',
    'a:b:c',
    'a/b',
    'user@a',
    'a,b',
    'h.test:99999',
    '\xe9',
    'a\\b',
    '"',
    '[::1',
    "a'b",
    'a;b',
    '%41',
    '-->',
    'h'.repeat(300),
  ])('sends the Host %s and gets 400, unrepeated', async (host) => {
    const answer = await send(head('GET /v2/', [], host))
    expect(answer.status).toBe(400)
    expect(JSON.parse(answer.body)).toMatchObject({ errors: [{ code: 'REQUEST_INVALID' }] })
    expect(answer.headers['www-authenticate']).toBeUndefined()
    const named = await send(head(`GET ${APP}/tags/list`, [], host))
    expect(named.status).toBe(400)
  })

  it('sends two Hosts and gets 400', async () => {
    expect((await send(head('GET /v2/', ['Host: other']))).status).toBe(400)
  })

  it.each([
    ['one huge header', get('/v2/', `X: ${'x'.repeat(20_000)}`)],
    ['very many headers', get('/v2/', ...Array.from({ length: 3000 }, () => 'X: x'))],
    ['a huge target', get(`/v2/${'x'.repeat(20_000)}`)],
    [
      '10^5 tags',
      head(`PUT ${APP}/manifests/v1?${'tag=a&'.repeat(100_000)}`, [`Authorization: ${ADMIN}`]),
    ],
    ['10^5 scopes', get(`/token?${'scope=repository:a/b:pull&'.repeat(100_000)}`)],
    ['a password of 1 MB', head('GET /v2/', [`Authorization: Basic ${'QUFB'.repeat(250_000)}`])],
    ['a token of 1 MB', head('GET /v2/', [`Authorization: Bearer ${'a'.repeat(1_000_000)}`])],
  ])('sends %s and gets 431', async (_, bytes) => {
    expect((await send(bytes)).status).toBe(431)
  })

  it('sends an absolute target, of which only the path counts', async () => {
    const answer = await send(get('http://evil.test/v2/default/app/tags/list?n=1'))
    expect(answer.status).toBe(200)
    const challenged = await send(head('GET http://evil.test/v2/', []))
    expect(challenged.headers['www-authenticate']).toContain('realm="http://registry.test/token"')
  })

  it.each([
    [
      'Content-Length and Transfer-Encoding',
      ['Content-Length: 5', 'Transfer-Encoding: chunked'],
      '0\r\n\r\n',
    ],
    [
      'Transfer-Encoding and Content-Length',
      ['Transfer-Encoding: chunked', 'Content-Length: 5'],
      '0\r\n\r\n',
    ],
    ['two lengths', ['Content-Length: 5', 'Content-Length: 34'], INDEX],
    ['one length twice', ['Content-Length: 34', 'Content-Length: 34'], INDEX],
    ['a list of lengths', ['Content-Length: 34, 34'], INDEX],
    ['a negative length', ['Content-Length: -1'], INDEX],
    ['a signed length', ['Content-Length: +34'], INDEX],
    ['a length in hex', ['Content-Length: 0x22'], INDEX],
    ['a length beyond counting', ['Content-Length: 99999999999999999999999'], INDEX],
    ['an encoding that is not chunked', ['Transfer-Encoding: xchunked'], '0\r\n\r\n'],
    ['chunked and then another', ['Transfer-Encoding: chunked, identity'], '0\r\n\r\n'],
    ['two encodings', ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'], '0\r\n\r\n'],
    ['a space before the colon', ['Transfer-Encoding : chunked'], '0\r\n\r\n'],
    ['a chunk size that is none', ['Transfer-Encoding: chunked'], 'zz\r\n'],
    ['a chunk size beyond counting', ['Transfer-Encoding: chunked'], 'ffffffffffffffffff\r\n'],
    ['a chunk longer than its size', ['Transfer-Encoding: chunked'], `2\r\n${INDEX}\r\n0\r\n\r\n`],
    [
      'a chunk with huge extensions',
      ['Transfer-Encoding: chunked'],
      `1;${'e'.repeat(20_000)}\r\n{\r\n0\r\n\r\n`,
    ],
  ])('smuggles with %s, and only one request is answered', async (_, fields, body) => {
    const answer = await send(put(fields, body) + SMUGGLED)
    expect([400, 413]).toContain(answer.status)
    expect(answer.answers).toBe(1)
  })

  it('hides a request in the body of one that is refused, and it stays a body', async () => {
    const hidden = `PUT ${APP}/manifests/new HTTP/1.1\r\nHost: h\r\nContent-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`
    const answer = await send(hidden)
    expect({ status: answer.status, answers: answer.answers }).toEqual({ status: 401, answers: 1 })
    const got = await send(get('/v2/', `Content-Length: ${SMUGGLED.length}`) + SMUGGLED)
    expect({ status: got.status, answers: got.answers }).toEqual({ status: 200, answers: 1 })
  })

  it.each([
    ['a manifest', 'PUT', `${APP}/manifests/new`],
    ['a blob', 'POST', `${APP}/blobs/uploads/?digest=sha256:${'0'.repeat(64)}`],
  ])('announces more of %s than comes, and goes', async (_, method, path) => {
    const fields = [`Authorization: ${ADMIN}`, `Content-Type: ${OCI_INDEX}`, 'Content-Length: 500']
    await send(head(`${method} ${path}`, fields) + INDEX, { half: true })
    await brokenOff()
    // Of a blob an upload may stay that nobody knows, until it was idle too long.
    door.clock.advance(2 * 86_400_000)
    expect((await door.registry.sweeper.sweep()).errors).toEqual([])
  })

  it('announces more of a chunk than comes, and the upload stands where it stood', async () => {
    const location = (await door.post(`${APP}/blobs/uploads/`)).headers.location ?? ''
    await door.patch(location, '0123456789')
    await accept((line) => !line.includes('upload#'))
    const fields = [`Authorization: ${ADMIN}`, 'Content-Length: 100000']
    await send(head(`PATCH ${location}`, fields) + 'x'.repeat(70_000), { half: true })
    await brokenOff()
    const more = await door.patch(location, 'abc', { 'Content-Range': '10-12' })
    expect({ status: more.status, range: more.headers.range }).toEqual({
      status: 202,
      range: '0-12',
    })
    expect((await door.delete(location)).status).toBe(204)
  })
})
