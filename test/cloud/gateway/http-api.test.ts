/** What an HTTP API does to requests and answers: each rule seen biting, and what happens where it is the other way. */
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { API_DOMAIN } from '../../gateway/http-api/event-of.ts'
import { json } from '../../http/answer.ts'
import { rawExchange } from '../../http/raw-exchange.ts'
import { echoGateways } from './echo-gateway.ts'

describe('an HTTP API, on the way in', () => {
  const open = echoGateways()

  it('joins headers of one name, which it writes in lower case', async () => {
    const gateway = await open()
    const answer = await rawExchange(
      gateway.url,
      'GET /token HTTP/1.1\r\nHost: h\r\nACCEPT: a/b\r\nAccept: c/d\r\nCookie: a=1; b=2\r\nConnection: close\r\n\r\n',
    )
    const { event } = JSON.parse(answer.body) as { event: Record<string, never> }
    expect(event).toMatchObject({
      version: '2.0',
      headers: { accept: 'a/b,c/d', 'content-length': '0' },
      cookies: ['a=1', 'b=2'],
    })
    expect(Object.keys(event['headers'] ?? {})).not.toContain('cookie')
    expect(Object.keys(event['headers'] ?? {})).not.toContain('connection')
  })

  it('says who asked, by which way', async () => {
    const gateway = await open({}, { originSecret: 'secret' })
    const { event } = await gateway.echo({
      headers: {
        'X-Forwarded-For': '203.0.113.9',
        'X-Sluice-Origin': 'forged',
        'X-Sluice-Viewer': '203.0.113.9',
      },
    })
    expect(event.headers).toMatchObject({
      host: API_DOMAIN,
      authorization: 'Bearer token',
      'x-forwarded-for': '203.0.113.9, 127.0.0.1, 130.176.0.1',
      'x-forwarded-proto': 'https',
      'x-sluice-origin': 'secret',
      'x-sluice-viewer': '127.0.0.1',
    })
    expect(event.requestContext.http.sourceIp).toBe('130.176.0.1')
    const told = await open({ forwardsHost: true, forwardedProto: 'http' })
    const { headers } = (await told.echo({ headers: { Host: 'r.test' } })).event
    expect(headers).toMatchObject({ host: 'r.test', 'x-forwarded-proto': 'http' })
  })

  it('decodes the path, cuts it at a question mark and collapses slashes, or does not', async () => {
    const path = '/v2//a%2Fb/%C3%BC%3Fx/y?q=%2F&q=2'
    const gateway = await open()
    const unkind = (await gateway.echo({ path })).event
    expect(unkind.rawPath).toBe('/v2/a/b/ü')
    expect(unkind.rawQueryString).toBe('q=%2F&q=2')
    expect(unkind.queryStringParameters).toEqual({ q: '/,2' })
    const uncut = await open({ cutsPathAtQuestionMark: false })
    expect((await uncut.echo({ path })).event.rawPath).toBe('/v2/a/b/ü?x/y')
    const kind = await open({ decodesPath: false, collapsesSlashes: false })
    expect((await kind.echo({ path })).event.rawPath).toBe('/v2//a%2Fb/%C3%BC%3Fx/y')
  })

  it.each([
    [undefined, true],
    ['application/octet-stream', true],
    ['application/x-www-form-urlencoded', true],
    ['application/vnd.oci.image.manifest.v1+json', true],
    ['application/json; charset=utf-8', false],
    ['text/plain', false],
  ])('passes a body of %s as base64: %s', async (type, base64) => {
    const gateway = await open()
    const headers = { ...(type && { 'Content-Type': type }) }
    const { event } = await gateway.echo({ method: 'PUT', body: '{"a":"ü"}', headers })
    expect(event.isBase64Encoded).toBe(base64)
    expect(Buffer.from(event.body ?? '', base64 ? 'base64' : 'utf8').toString()).toBe('{"a":"ü"}')
    const texts = await open({ plusJsonIsText: true })
    const json = await texts.echo({ method: 'PUT', body: '{}', headers })
    expect(json.event.isBase64Encoded).toBe(base64 && !type?.endsWith('+json'))
  })

  it('loses bytes of a text that are no text', async () => {
    const gateway = await open()
    const headers = { 'Content-Type': 'text/plain' }
    const { event } = await gateway.echo({ method: 'PUT', body: Buffer.from([0xff]), headers })
    expect(event.body).toBe('\ufffd')
  })

  it('gathers a body that comes in chunks, and says its length', async () => {
    const gateway = await open()
    const bytes = randomBytes(100_000)
    const body = (async function* () {
      yield bytes.subarray(0, 40_000)
      yield bytes.subarray(40_000)
    })()
    const { event } = await gateway.echo({ method: 'PATCH', body })
    expect(event.headers['content-length']).toBe('100000')
    expect(event.headers['transfer-encoding']).toBeUndefined()
    expect(Buffer.from(event.body ?? '', 'base64').equals(bytes)).toBe(true)
  })

  it('takes no body above 10 MB, announced or not, and asks no function', async () => {
    const gateway = await open()
    const large = Buffer.alloc(10 * 1024 * 1024 + 1)
    const chunks = (async function* () {
      for (let at = 0; at < 200; at++) yield large.subarray(0, 100_000)
    })()
    for (const body of [large, chunks]) {
      const answer = await gateway.ask({ method: 'PUT', body })
      expect(answer.status).toBe(413)
      expect(json(answer)).toEqual({ message: 'Request Entity Too Large' })
    }
    expect(gateway.coldStarts()).toBe(0)
  })

  it.each([431, 400] as const)('takes no head above 10,240 bytes: %i', async (status) => {
    const gateway = await open({ headTooLargeStatus: status })
    expect((await gateway.ask({ headers: { 'X-Long': 'x'.repeat(9000) } })).status).toBe(200)
    const long = await gateway.ask({ headers: { 'X-Long': 'x'.repeat(10_240) } })
    expect(long.status).toBe(status)
    expect(json(long)).toHaveProperty('message')
    expect((await gateway.ask({ path: `/v2/${'x'.repeat(10_240)}` })).status).toBe(status)
  })
})

describe('an HTTP API, on the way out', () => {
  const open = echoGateways()
  const NO_EDGE = { challengePolicy: false, edgeFunction: false }
  const refused = {
    result: { statusCode: 401, headers: { 'WWW-Authenticate': 'Basic' }, body: '{}' },
  }

  it('renames a challenge, keeps it, or writes its own over it', async () => {
    const renamed = await (await open(NO_EDGE)).ask({ order: refused })
    expect(renamed.headers['www-authenticate']).toBeUndefined()
    expect(renamed.headers['x-amzn-remapped-www-authenticate']).toBe('Basic')
    const kept = await (await open({ ...NO_EDGE, wwwAuthenticate: 'kept' })).ask({ order: refused })
    expect(kept.headers['www-authenticate']).toBe('Basic')
    const gateway = await open({ ...NO_EDGE, wwwAuthenticate: 'mapped' })
    const mapped = await gateway.ask({ order: refused })
    expect(mapped.headers['www-authenticate']).toBe(
      `Bearer realm="${gateway.url}/token",service="sluice"`,
    )
    expect((await gateway.ask({})).headers['www-authenticate']).toBeUndefined()
  })

  it('says of a HEAD the length of the body that it drops, or what the function says', async () => {
    const result = {
      statusCode: 200,
      headers: { 'content-length': '77', 'Docker-Content-Digest': 'd' },
      body: 'four',
    }
    const gateway = await open()
    const head = await gateway.ask({ method: 'HEAD', order: { result } })
    expect(head.body.byteLength).toBe(0)
    expect(head.headers).toMatchObject({ 'content-length': '4', 'docker-content-digest': 'd' })
    const get = await gateway.ask({ order: { result } })
    expect(get.headers['content-length']).toBe('4')
    const kept = await open({ headLength: 'kept' })
    expect((await kept.ask({ method: 'HEAD', order: { result } })).headers['content-length']).toBe(
      '77',
    )
  })

  it('drops reserved headers, and gives a type where there is none', async () => {
    const headers = { Trailer: 'x', Via: 'me', 'Keep-Alive': 'x', Link: '</x>' }
    const gateway = await open()
    const answer = await gateway.ask({ order: { result: { statusCode: 200, headers, body: 'x' } } })
    expect(answer.headers).toMatchObject({
      link: '</x>',
      'content-type': 'text/plain;charset=UTF-8',
    })
    for (const name of ['trailer', 'via']) expect(answer.headers[name]).toBeUndefined()
    const kind = await open({ reservedHeaders: [], defaultContentType: '' })
    const kept = await kind.ask({
      order: { result: { statusCode: 200, headers: { Via: 'me' }, body: 'x' } },
    })
    expect(kept.headers.via).toBe('me')
    expect(kept.headers['content-type']).toBeUndefined()
  })

  it('decodes a body that comes as base64', async () => {
    const bytes = randomBytes(1000)
    const result = { statusCode: 200, body: bytes.toString('base64'), isBase64Encoded: true }
    const answer = await (await open()).ask({ order: { result } })
    expect(answer.body.equals(bytes)).toBe(true)
    expect(answer.headers['content-length']).toBe('1000')
  })

  it('sends no body with a 204 or a 304', async () => {
    const gateway = await open()
    for (const statusCode of [204, 304]) {
      const answer = await gateway.ask({ order: { result: { statusCode, body: 'text' } } })
      expect(answer.status).toBe(statusCode)
      expect(answer.body.byteLength).toBe(0)
    }
  })
})
