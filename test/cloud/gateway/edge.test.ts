/** What CloudFront does: the challenge at the edge and on the way out, and the way to the upload door. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { json } from '../../http/answer.ts'
import { rawExchange } from '../../http/raw-exchange.ts'
import { echoGateways } from './echo-gateway.ts'

const UPLOAD = '/v2/team/app/blobs/uploads/1234?digest=sha256%3A00'

describe('the edge', () => {
  const open = echoGateways()
  const servers: Server[] = []
  afterAll(() => {
    for (const server of servers) {
      server.close()
      server.closeAllConnections()
    }
  })

  /** An upload door that answers as it is told. */
  async function uploadDoor(
    answer: (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void> | void,
  ): Promise<string> {
    const server = createServer((incoming, outgoing) => void answer(incoming, outgoing))
    servers.push(server)
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  it('answers a stranger itself, and asks no function', async () => {
    const gateway = await open()
    const answer = await gateway.ask({ as: 'nobody' })
    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).toBe(
      `Bearer realm="${gateway.url}/token",service="sluice"`,
    )
    expect(json(answer)).toMatchObject({ errors: [{ code: 'UNAUTHORIZED' }] })
    const head = await gateway.ask({ as: 'nobody', method: 'HEAD' })
    expect({ status: head.status, bytes: head.body.byteLength }).toEqual({ status: 401, bytes: 0 })
    const large = Buffer.alloc(12_000_000)
    expect((await gateway.ask({ as: 'nobody', method: 'PATCH', body: large })).status).toBe(401)
    expect(gateway.coldStarts()).toBe(0)
    expect((await gateway.echo({ as: 'nobody', path: '/token' })).calls).toBe(1)
  })

  it('lets a stranger pass where it has no function', async () => {
    const gateway = await open({ edgeFunction: false })
    expect((await gateway.echo({ as: 'nobody' })).event.headers['authorization']).toBeUndefined()
  })

  it('adds the challenge to what has none, and takes none away', async () => {
    const gateway = await open({ wwwAuthenticate: 'kept' })
    const headers = { 'WWW-Authenticate': 'Basic' }
    const own = await gateway.ask({ order: { result: { statusCode: 401, headers } } })
    expect(own.headers['www-authenticate']).toBe('Basic')
    const none = await gateway.ask({ order: { result: { statusCode: 401 } } })
    expect(none.headers['www-authenticate']).toMatch(/^Bearer realm=/)
    expect((await gateway.ask({})).headers['www-authenticate']).toMatch(/^Bearer realm=/)
    const without = await open({ challengePolicy: false })
    const bare = await without.ask({ order: { result: { statusCode: 401 } } })
    expect(bare.headers['www-authenticate']).toBeUndefined()
  })

  it('refuses GET with a body, or lets it pass', async () => {
    const gateway = await open()
    expect((await gateway.ask({ body: 'x' })).status).toBe(403)
    const kind = await open({ refusesGetWithBody: false })
    expect((await kind.echo({ body: 'x' })).event.body).toBe('eA==')
  })

  it('removes Expect, and takes no head above 20,480 bytes', async () => {
    const gateway = await open()
    const { body } = await rawExchange(
      gateway.url,
      'PUT /token HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nX-Other: y\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
      // The first answer is only `100 Continue`.
      { quiet: 3000 },
    )
    expect(body).toContain('"x-other":"y"')
    expect(body).not.toContain('100-continue')
    expect((await gateway.ask({ headers: { X: 'x'.repeat(20_480) } })).status).toBe(431)
  })

  it('sends uploads to the upload door, and nothing else', async () => {
    const uploadDoorUrl = await uploadDoor(async (incoming, outgoing) => {
      const bytes = (await buffer(incoming)).byteLength
      const { method, url, headers } = incoming
      outgoing.writeHead(202, { range: '0-1', 'www-authenticate': 'Basic' })
      outgoing.end(JSON.stringify({ method, url, headers, bytes }))
    })
    const gateway = await open({}, { uploadDoorUrl, originSecret: 'secret' })
    const body = (async function* () {
      for (let at = 0; at < 300; at++) yield randomBytes(100_000)
    })()
    const answer = await gateway.ask({ method: 'PATCH', path: UPLOAD, body })
    expect(answer.status).toBe(202)
    expect(answer.headers).toMatchObject({ range: '0-1', 'www-authenticate': 'Basic' })
    expect(json(answer)).toMatchObject({
      method: 'PATCH',
      url: UPLOAD,
      bytes: 30_000_000,
      headers: {
        authorization: 'Bearer token',
        'x-sluice-origin': 'secret',
        'transfer-encoding': 'chunked',
        'x-sluice-viewer': '127.0.0.1',
      },
    })
    expect((await gateway.ask({ method: 'PATCH', path: UPLOAD, as: 'nobody' })).status).toBe(401)
    expect(gateway.coldStarts()).toBe(0)
    const root = await gateway.echo({ method: 'POST', path: '/v2/team/app/blobs/uploads' })
    expect(root.event.rawPath).toBe('/v2/team/app/blobs/uploads')
    expect((await gateway.echo({ path: '/v2/team/app/manifests/x' })).calls).toBe(2)
  })

  it('reads the upload door before the body is whole, or only after', async () => {
    const uploadDoorUrl = await uploadDoor((incoming, outgoing) => {
      outgoing.writeHead(401).end()
      incoming.resume()
    })
    for (const uploadHalfDuplex of [true, false]) {
      const gateway = await open({ uploadHalfDuplex }, { uploadDoorUrl })
      let whole = false
      const body = (async function* () {
        yield Buffer.alloc(1000)
        await sleep(400)
        whole = true
        yield Buffer.alloc(1000)
      })()
      const answer = await gateway.ask({ method: 'PATCH', path: UPLOAD, body })
      expect({ status: answer.status, whole }).toEqual({ status: 401, whole: uploadHalfDuplex })
    }
  })

  it('answers 502 for an upload door that is not there', async () => {
    const uploadDoorUrl = await uploadDoor((incoming) => void incoming.socket.destroy())
    const gateway = await open({}, { uploadDoorUrl })
    expect((await gateway.ask({ method: 'PATCH', path: UPLOAD, body: 'x' })).status).toBe(502)
  })

  it('breaks off at the upload door what breaks off at the edge', async () => {
    const { promise: broken, resolve } = Promise.withResolvers<string>()
    const uploadDoorUrl = await uploadDoor((incoming) => {
      incoming.once('error', (error) => resolve(error.message)).resume()
    })
    const gateway = await open({}, { uploadDoorUrl })
    const client = connect(Number(new URL(gateway.url).port), '127.0.0.1')
    await once(client, 'connect')
    client.write(
      `PATCH ${UPLOAD} HTTP/1.1\r\nHost: h\r\nAuthorization: x\r\nContent-Length: 99999\r\n\r\nbytes`,
    )
    await sleep(100)
    client.destroy()
    expect(await broken).toBe('aborted')
  })
})
