import { once } from 'node:events'
import { mkdtempSync, openSync, closeSync, readFileSync, rmSync } from 'node:fs'
import { Agent, get, request } from 'node:http'
import { get as getSecurely } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hono } from 'hono'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { listen, type Door } from '@sluice/server/listen'
import { LineLog } from '@sluice/adapters/log/line-log'
import type { NodeBindings } from '@sluice/server/node-bindings'
import { StartFailure } from '@sluice/server/start-failure'
import { RawConnection } from './raw-connection.ts'
import { selfSigned } from './self-signed.ts'

const GIB = 1024 ** 3
const MIB = 1024 ** 2

const errorCode = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : error

/** An app of the shape that the door serves, which notes what happens to it. */
class Notes {
  readonly bodyErrors: unknown[] = []
  readonly endedSources: string[] = []
  readonly begun: string[] = []
  release: () => void = () => undefined
}

function createTestApp(notes: Notes): Hono<{ Bindings: NodeBindings }> {
  const app = new Hono<{ Bindings: NodeBindings }>()
  app.onError((_error, c) => c.json({ errors: [] }, 500))
  app.patch('/count', async (c) => {
    notes.begun.push('count')
    let bytes = 0
    try {
      for await (const chunk of c.env.body) bytes += chunk.byteLength
    } catch (error) {
      notes.bodyErrors.push(errorCode(error))
      throw error
    }
    return c.json({ bytes })
  })
  app.patch('/first-piece', async (c) => {
    let bytes = 0
    for await (const chunk of c.env.body) {
      bytes = chunk.byteLength
      break
    }
    return c.json({ enough: bytes > 0 }, 416)
  })
  app.all('/no', (c) => c.json({ errors: [] }, 401))
  app.all('/later-no', async (c) => {
    await new Promise((resolve) => setTimeout(resolve, 20))
    return c.json({ errors: [] }, 401)
  })
  app.get('/who', (c) => c.json({ from: c.env.remoteAddress, secure: c.env.secure }))
  app.get('/bytes/:mib', (c) => {
    const mib = Number(c.req.param('mib'))
    c.env.send(reusedMemory(mib, notes))
    return c.body(null, 200, { 'content-length': String(mib * MIB) })
  })
  app.get('/broken', (c) => {
    c.env.send(brokenSource())
    return c.body(null, 200, { 'content-length': String(10 * MIB) })
  })
  app.get('/wait', async (c) => {
    notes.begun.push('wait')
    await new Promise<void>((resolve) => (notes.release = resolve))
    return c.json({ waited: true })
  })
  return app
}

/** Each piece lies in the memory of the one before the last: whoever writes it too late writes something else. */
async function* reusedMemory(mib: number, notes: Notes): AsyncIterable<Uint8Array> {
  const memory = [Buffer.alloc(MIB), Buffer.alloc(MIB)]
  try {
    for (let i = 0; i < mib; i++) {
      await new Promise((resolve) => setImmediate(resolve))
      yield (memory[i % 2] ?? Buffer.alloc(0)).fill(i)
    }
  } finally {
    notes.endedSources.push('bytes')
  }
}

async function* brokenSource(): AsyncIterable<Uint8Array> {
  yield Buffer.alloc(MIB)
  await new Promise((resolve) => setTimeout(resolve, 10))
  throw new Error('the disk is gone')
}

const until = async (condition: () => boolean): Promise<void> => {
  for (const deadline = Date.now() + 10_000; !condition();) {
    if (Date.now() > deadline) throw new Error('it does not happen')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

describe('the door', () => {
  let directory: string
  let logDescriptor: number
  let log: LineLog
  let notes: Notes
  let door: Door

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'sluice-listen-'))
    logDescriptor = openSync(join(directory, 'log'), 'w')
    log = new LineLog({ level: 'debug', format: 'text', descriptor: logDescriptor })
  })
  afterAll(() => {
    closeSync(logDescriptor)
    rmSync(directory, { recursive: true })
  })
  beforeEach(async () => {
    notes = new Notes()
    door = await listen(createTestApp(notes), { address: '127.0.0.1', port: 0, log })
  })
  afterEach(() => door.close(0))

  const fetchText = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${door.url}${path}`, init)
    return { status: response.status, text: await response.text() }
  }

  it('tells the app who is connected and how', async () => {
    expect(JSON.parse((await fetchText('/who')).text)).toEqual({ from: '127.0.0.1', secure: false })
  })

  it('gives the app the bytes of the body, with and without a length', async () => {
    const body = Buffer.alloc(3 * MIB + 1)
    const known = await fetchText('/count', { method: 'PATCH', body })
    expect(known).toEqual({ status: 200, text: `{"bytes":${body.byteLength}}` })
    const chunked = new ReadableStream({
      start: (controller) => {
        controller.enqueue(body)
        controller.close()
      },
    })
    const init = { method: 'PATCH', body: chunked, duplex: 'half' } as const
    expect((await fetchText('/count', init)).text).toBe(`{"bytes":${body.byteLength}}`)
  })

  describe.each(['/no', '/later-no', '/first-piece'])('answers early at %s', (path) => {
    const status = path === '/first-piece' ? 416 : 401

    it('a client that sends 2 GiB and listens meanwhile', async () => {
      const client = await RawConnection.open(door.url)
      client.send(`PATCH ${path} HTTP/1.1\nHost: a\nContent-Length: ${2 * GIB}\n\n`)
      const poured = client.pour(2 * GIB)
      await client.until(/\r\n\r\n\{.+\}/)
      await client.untilEnded()
      client.socket.destroy()
      expect(await poured).toBeLessThan(2 * GIB)
      expect(client.received).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
      expect(client.received).toMatch(/connection: close/i)
      expect(client.ended).toBe(true)
    })

    it('a client that listens only when it has sent its 100 MiB in chunks', async () => {
      const client = await RawConnection.open(door.url)
      client.socket.pause()
      client.send(`PATCH ${path} HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n`)
      client.send(`${(100 * MIB).toString(16)}\n`)
      expect(await client.pour(100 * MIB)).toBe(100 * MIB)
      client.send('\n0\n\n')
      client.socket.resume()
      await client.untilEnded()
      expect(client.received).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*\r\n\r\n\\{.+\\}$`))
      expect(client.ended).toBe(true)
    })

    it('a short body without closing the connection', async () => {
      const client = await RawConnection.open(door.url)
      client.send(`PATCH ${path} HTTP/1.1\nHost: a\nContent-Length: 1000\n\n`)
      client.socket.write(Buffer.alloc(400))
      await client.until(/\{.+\}/)
      client.socket.write(Buffer.alloc(600))
      client.send('GET /who HTTP/1.1\nHost: a\n\n')
      await client.until(/"secure":false/)
      expect(client.received).not.toMatch(/connection: close/i)
      client.socket.destroy()
    })
  })

  it('ends a client that never stops sending', { timeout: 30_000 }, async () => {
    const client = await RawConnection.open(door.url)
    client.send(`PATCH /no HTTP/1.1\nHost: a\nContent-Length: ${100 * GIB}\n\n`)
    const sent = await client.pour(100 * GIB)
    expect(sent).toBeLessThan(GIB)
    expect(client.received).toMatch(/^HTTP\/1.1 401 /)
  })

  it.each([
    ['no HTTP', 'hello\n\n', 400],
    ['a request without Host', 'GET / HTTP/1.1\n\n', 400],
    ['a Host that is none', 'GET / HTTP/1.1\nHost: a b\n\n', 400],
    ['a length that is no number', 'PATCH /count HTTP/1.1\nHost: a\nContent-Length: x\n\n', 400],
    [
      'a length and chunks at once',
      'PATCH /count HTTP/1.1\nHost: a\nContent-Length: 1\nTransfer-Encoding: chunked\n\n1\na\n0\n\n',
      400,
    ],
    ['a head of 20 KiB', `GET / HTTP/1.1\nHost: a\nX: ${'y'.repeat(20_480)}\n\n`, 431],
    ['a head of 5 MiB', `GET / HTTP/1.1\nHost: a\nX: ${'y'.repeat(5 * MIB)}\n\n`, 431],
  ])('answers %s', async (_what, text, status) => {
    const client = await RawConnection.open(door.url)
    client.send(text)
    await client.until(/\r\n\r\n/)
    expect(client.received).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    client.socket.destroy()
  })

  it('answers 400 to a malformed chunk, and the app sees the body fail', async () => {
    const client = await RawConnection.open(door.url)
    client.send('PATCH /count HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n3\nabc\n')
    await until(() => notes.begun.length === 1)
    client.send('zz\nabc\n')
    await client.until(/^HTTP\/1.1 400 /)
    client.socket.end()
    await until(() => notes.bodyErrors.length === 1)
    expect(client.received).not.toContain('200')
  })

  it('lets the app see that a client went away in the middle of its body', async () => {
    const client = await RawConnection.open(door.url)
    client.send('PATCH /count HTTP/1.1\nHost: a\nContent-Length: 1000\n\nabc')
    await until(() => notes.begun.length === 1)
    client.socket.destroy()
    await until(() => notes.bodyErrors.length === 1)
    expect(notes.bodyErrors).toEqual(['ECONNRESET'])
    expect((await fetchText('/who')).status).toBe(200)
  })

  it('sends a source whose memory is used again, byte for byte', async () => {
    const response = await fetch(`${door.url}/bytes/40`)
    const bytes = Buffer.from(await response.arrayBuffer())
    expect(bytes.byteLength).toBe(40 * MIB)
    for (let i = 0; i < 40; i++) {
      const piece = bytes.subarray(i * MIB, (i + 1) * MIB)
      expect(piece.equals(Buffer.alloc(MIB, i))).toBe(true)
    }
    expect(notes.endedSources).toEqual(['bytes'])
  })

  it('asks a source for no more than a slow client takes, and ends it when the client goes', async () => {
    const client = await RawConnection.open(door.url)
    client.socket.pause()
    client.send('GET /bytes/10000 HTTP/1.1\nHost: a\n\n')
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(notes.endedSources).toEqual([])
    client.socket.destroy()
    await until(() => notes.endedSources.length === 1)
  })

  it('cuts a response whose source fails, and says so in the log', async () => {
    await expect(fetchText('/broken')).rejects.toThrow('terminated')
    log.flush()
    const line =
      /msg="a response broke off" http.request.id=\S+ http.request.method=GET http.request.uri=\/broken error="Error: the disk is gone/
    expect(readFileSync(join(directory, 'log'), 'utf8')).toMatch(line)
  })

  it('refuses a port that is taken in one line', async () => {
    const { port } = new URL(door.url)
    const second = listen(createTestApp(notes), { address: '127.0.0.1', port: Number(port), log })
    await expect(second).rejects.toThrow(StartFailure)
    await expect(second).rejects.toThrow(`port ${port} on 127.0.0.1 is in use: choose another`)
  })

  describe('when nothing moves', () => {
    let impatient: Door

    beforeEach(async () => {
      const options = { address: '127.0.0.1', port: 0, log, idleMs: 300 }
      impatient = await listen(createTestApp(notes), options)
    })
    afterEach(() => impatient.close(0))

    it('cuts a client that stops in the middle of its body', async () => {
      const client = await RawConnection.open(impatient.url)
      client.send('PATCH /count HTTP/1.1\nHost: a\nContent-Length: 1000\n\nabc')
      await until(() => notes.bodyErrors.length === 1)
      expect(notes.bodyErrors).toEqual(['ECONNRESET'])
      expect(client.received).toBe('')
    })

    it('cuts a client that stops to read in the middle of its response', async () => {
      const client = await RawConnection.open(impatient.url)
      client.socket.pause()
      client.send('GET /bytes/10000 HTTP/1.1\nHost: a\n\n')
      await until(() => notes.endedSources.length === 1)
      expect(notes.endedSources).toEqual(['bytes'])
      client.socket.destroy()
    })

    it('cuts no client that waits for the app', async () => {
      const answer = fetch(`${impatient.url}/wait`)
      await until(() => notes.begun.includes('wait'))
      await new Promise((resolve) => setTimeout(resolve, 800))
      notes.release()
      expect((await answer).status).toBe(200)
    })

    it('cuts no upload that goes on slowly', async () => {
      const client = await RawConnection.open(impatient.url)
      client.send('PATCH /count HTTP/1.1\nHost: a\nContent-Length: 6\n\n')
      for (const byte of 'abcdef') {
        await new Promise((resolve) => setTimeout(resolve, 150))
        client.send(byte)
      }
      await client.until(/\{.+\}/)
      expect(client.received).toContain('{"bytes":6}')
      client.socket.destroy()
    })
  })

  describe('when it closes', () => {
    it('lets a request finish, ends its connection, and takes no new one', async () => {
      const agent = new Agent({ keepAlive: true })
      const [idle] = await once(get(`${door.url}/who`, { agent }), 'response')
      idle.resume()
      await once(idle, 'end')
      const upload = request(`${door.url}/count`, { method: 'PATCH', agent: false })
      upload.write('abc')
      const answered = once(upload, 'response')
      await until(() => notes.begun.includes('count'))
      let closed = false
      const closing = door.close(10_000).then(() => (closed = true))
      await expect(fetch(`${door.url}/who`)).rejects.toThrow('fetch failed')
      expect(closed).toBe(false)
      upload.end('def')
      const [response] = await answered
      expect(response.headers['connection']).toBe('close')
      expect((await response.toArray()).join('')).toBe('{"bytes":6}')
      const answeredAt = Date.now()
      await closing
      expect(Date.now() - answeredAt).toBeLessThan(1000)
      agent.destroy()
    })

    it('cuts what is not finished in time', async () => {
      const failed = fetch(`${door.url}/wait`).catch((error: unknown) => error)
      await until(() => notes.begun.includes('wait'))
      const begin = Date.now()
      await door.close(200)
      expect(Date.now() - begin).toBeLessThan(2000)
      expect(await failed).toBeInstanceOf(Error)
      notes.release()
    })
  })

  describe('with a certificate', () => {
    let secureDoor: Door

    beforeEach(async () => {
      const files = selfSigned(directory)
      const tls = { cert: readFileSync(files.cert), key: readFileSync(files.key) }
      secureDoor = await listen(createTestApp(notes), { address: '127.0.0.1', port: 0, tls, log })
    })
    afterEach(() => secureDoor.close(0))

    it('speaks TLS and says so to the app', async () => {
      expect(secureDoor.url).toMatch(/^https:/)
      const asked = getSecurely(`${secureDoor.url}/who`, { rejectUnauthorized: false })
      const [response] = await once(asked, 'response')
      expect(JSON.parse((await response.toArray()).join(''))).toEqual({
        from: '127.0.0.1',
        secure: true,
      })
    })

    it('answers a large body early', async () => {
      const client = await RawConnection.open(secureDoor.url)
      client.send(`PATCH /no HTTP/1.1\nHost: a\nContent-Length: ${2 * GIB}\n\n`)
      const poured = client.pour(2 * GIB)
      await client.until(/\r\n\r\n\{.+\}/)
      await client.untilEnded()
      client.socket.destroy()
      await poured
      expect(client.received).toMatch(/^HTTP\/1.1 401 /)
    })
  })
})
