/** What each way of not answering means (`UpstreamFailure`). */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import type { TransferLimits } from '@sluice/adapters/upstream/transfer-limits'
import type { Upstream, UpstreamFailure } from '@sluice/core/ports/upstream'
import { parseReference } from '@sluice/core/reference'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BLOB, BLOB_DIGEST, CALLS, REPOSITORY } from '../../upstream/calls.ts'
import { expectFailure } from '../../upstream/expect-failure.ts'
import { answer, hang, page, type Fault } from '../../upstream/fault.ts'
import { openDialer } from '../../upstream/open-dialer.ts'
import type { RequestKind } from '../../upstream/proper-answer.ts'
import {
  startScriptedUpstream,
  type ScriptedUpstream,
} from '../../upstream/start-scripted-upstream.ts'
import {
  digestOfBytes,
  makeImage,
  makeManifest,
  putImage,
} from '../../upstream/upstream-content.ts'
import { upstreamSettings } from '../../upstream/upstream-settings.ts'

const SOON = { connectMs: 200, headersMs: 200, idleMs: 300, documentMs: 500 }
const OCI = 'application/vnd.oci.image.manifest.v1+json'
const json = (body: string, type = 'application/json'): Fault =>
  answer(200, { 'content-type': type }, body)

let scripted: ScriptedUpstream
let upstream: Upstream
beforeEach(async () => {
  scripted = await startScriptedUpstream()
  await putImage(scripted.content, REPOSITORY, 'v1', makeImage([BLOB]))
  upstream = dial()
})
afterEach(() => scripted.close())

/** For what would otherwise take its time. */
const dial = (limits: Partial<TransferLimits> = {}): Upstream =>
  openDialer({ limits }).dialer.dial('scripted', upstreamSettings(scripted.url))

const limitsFor = ({ kind }: Fault): Partial<TransferLimits> =>
  kind === 'hang' || kind === 'drip' ? SOON : {}

const EVERYWHERE: readonly (readonly [string, Fault, UpstreamFailure])[] = [
  ['403', answer(403), 'refusing'],
  ['401 that names no login', answer(401), 'refusing'],
  ['401 that wants one', answer(401, { 'www-authenticate': 'Basic realm="x"' }), 'refusing'],
  ['401 of an unknown kind', answer(401, { 'www-authenticate': 'Negotiate YII=' }), 'refusing'],
  ['451', answer(451), 'refusing'],
  ['429', answer(429), 'limited'],
  ['500', answer(500), 'failing'],
  ['502', answer(502), 'failing'],
  ['504, a page', page(504), 'failing'],
  ['400', answer(400), 'lying'],
  ['204', answer(204), 'lying'],
  ['a page with 200', page(), 'lying'],
  ['a page with 404', page(404), 'lying'],
  ['a redirect to nowhere', answer(302), 'lying'],
  ['a redirect to what is no URL', answer(302, { location: 'https://[' }), 'lying'],
  ['nothing at all', hang, 'unreachable'],
  ['a broken connection', { kind: 'cut' }, 'unreachable'],
]

describe.each(EVERYWHERE)('%s', (_name, fault, reason) => {
  it.each(Object.entries(CALLS))(`is ${reason} of %s`, async (_method, call) => {
    scripted.fail('any', fault)
    await expectFailure(call(dial(limitsFor(fault))), reason)
  })
})

const BODIES: readonly (readonly [
  string,
  RequestKind,
  keyof typeof CALLS,
  Fault,
  UpstreamFailure,
])[] = [
  ['no JSON', 'manifest-get', 'manifest', json('layers', OCI), 'lying'],
  ['a JSON string', 'manifest-get', 'manifest', json('"layers"', OCI), 'lying'],
  ['a JSON list', 'manifest-get', 'manifest', json('[]', OCI), 'lying'],
  ['JSON of no type', 'manifest-get', 'manifest', answer(200, {}, '{}'), 'lying'],
  ['JSON of a wrong type', 'manifest-get', 'manifest', json('{}', 'what/it is'), 'lying'],
  [
    'too large a manifest',
    'manifest-get',
    'manifest',
    json(`{"a":"${'a'.repeat(4 << 20)}"}`, OCI),
    'lying',
  ],
  ['gzip', 'manifest-get', 'manifest', answer(200, { 'content-encoding': 'gzip' }, '{}'), 'lying'],
  ['half a manifest', 'manifest-get', 'manifest', { kind: 'cut', after: 10 }, 'unreachable'],
  ['a manifest that stops', 'manifest-get', 'manifest', { kind: 'hang', after: 10 }, 'unreachable'],
  [
    'a manifest in drops',
    'manifest-get',
    'manifest',
    { kind: 'drip', bytes: 1, everyMs: 20 },
    'unreachable',
  ],
  [
    'a digest that is none',
    'manifest-head',
    'resolve',
    { kind: 'headers', headers: { 'docker-content-digest': 'sha256:../..' } },
    'lying',
  ],
  [
    'the length of no manifest',
    'manifest-head',
    'resolve',
    { kind: 'headers', headers: { 'content-length': '9999999' } },
    'lying',
  ],
  ['tags that are no list', 'tags', 'tags', json('{"tags":{"v1":1}}'), 'lying'],
  ['no tags', 'tags', 'tags', json('{}'), 'lying'],
  ['referrers that are no list', 'referrers', 'referrers', json('{"manifests":"none"}'), 'lying'],
  ['half a blob', 'blob-get', 'blob', { kind: 'cut', after: 1000 }, 'unreachable'],
  ['a blob that stops', 'blob-get', 'blob', { kind: 'hang', after: 1000 }, 'unreachable'],
  ['a blob in drops', 'blob-get', 'blob', { kind: 'drip', bytes: 10, everyMs: 20 }, 'unreachable'],
  [
    'a blob of no length',
    'blob-head',
    'blobSize',
    answer(200, { 'content-length': 'many' }),
    'lying',
  ],
]

describe('a body', () => {
  it.each(BODIES)('that is %s (%s): %s', async (_name, kind, method, fault, reason) => {
    scripted.fail(kind, fault)
    await expectFailure(CALLS[method]!(dial(limitsFor(fault))), reason)
  })

  it('that is a document and comes fast enough, but without end, is too late', async () => {
    const large = makeManifest(OCI, { annotations: { text: 'a'.repeat(1_000_000) } })
    await scripted.content.putManifest(REPOSITORY, 'v1', large)
    scripted.fail('manifest-get', { kind: 'drip', bytes: 1000, everyMs: 20 })
    const patient = dial({ documentMs: 500, slowest: 1 })
    await expectFailure(CALLS['manifest']!(patient), 'unreachable')
  })

  it('of a list may be null, and holds only what can be a tag', async () => {
    scripted.fail('tags', json('{"tags":null}'), 1)
    expect(await upstream.tags(REPOSITORY)).toEqual([])
    scripted.fail('tags', json(JSON.stringify({ tags: ['v2', 7, '../x', 'a\r\nb', 'v1'] })))
    expect(await upstream.tags(REPOSITORY)).toEqual(['v2', 'v1'])
  })

  it('that an upstream waits with because its reader is slow is no fault', async () => {
    const large = Buffer.alloc(2_000_000, BLOB)
    await scripted.content.putBlob(REPOSITORY, large)
    const found = await dial({ idleMs: SOON.idleMs }).blob(REPOSITORY, digestOfBytes(large), 0)
    let size = 0
    for await (const piece of found?.bytes ?? []) {
      if (size === 0) await new Promise((resolve) => setTimeout(resolve, 3 * SOON.idleMs))
      size += piece.byteLength
    }
    expect(size).toBe(large.byteLength)
  })
})

/** Calls an upstream at which each connection is served so. */
async function callAt(serve: (socket: Socket) => void, limits = {}): Promise<void> {
  const server = createServer((socket) => serve(socket.on('error', () => undefined)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const settings = upstreamSettings(`http://127.0.0.1:${port}`)
  try {
    await CALLS['tags']!(openDialer({ limits }).dialer.dial('raw', settings))
  } finally {
    server.close()
  }
}

function drip(socket: Socket): void {
  const headers = Array.from({ length: 20 }, (_, at) => `x-${at}: value\r\n`).join('')
  const head = `HTTP/1.1 200 OK\r\n${headers}content-length: 0\r\n\r\n`
  let at = 0
  const timer = setInterval(() => socket.write(head[at++] ?? ''), 20)
  socket.on('close', () => clearInterval(timer))
}

describe('the headers', () => {
  it('that come drop by drop are too late', async () => {
    await expectFailure(callAt(drip, SOON), 'unreachable')
  })

  it.each(['220 mail.example ESMTP\r\n', 'HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n'])(
    'that are no HTTP are lying: %j',
    async (text) => {
      await expectFailure(
        callAt((socket) => socket.end(text)),
        'lying',
      )
    },
  )

  it('that are too long are lying', async () => {
    const long = `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(40_000)}\r\n\r\n`
    await expectFailure(
      callAt((socket) => socket.end(long)),
      'lying',
    )
  })
})

describe('Retry-After', () => {
  const now = Date.parse('2026-11-27T12:00:00Z')
  const dialNow = (): Upstream =>
    openDialer({ clock: { now: () => now } }).dialer.dial('s', upstreamSettings(scripted.url))

  it.each([
    ['7', 7],
    [new Date(now + 90_000).toUTCString(), 90],
    [new Date(now - 90_000).toUTCString(), 0],
    ['999999999', 86_400],
    ['soon', undefined],
    ['-1', undefined],
  ])('%s', async (text, seconds) => {
    scripted.fail('any', answer(429, { 'retry-after': text }))
    await expectFailure(dialNow().tags(REPOSITORY), 'limited', seconds)
  })

  it('counts of a 503 too', async () => {
    scripted.fail('any', answer(503, { 'retry-after': '30' }))
    await expectFailure(upstream.tags(REPOSITORY), 'failing', 30)
  })
})

describe('a blob', () => {
  it('whose HEAD gives no length but 0 is asked for', async () => {
    scripted.fail('blob-head', { kind: 'headers', headers: { 'content-length': '0' } })
    expect(await upstream.blobSize(REPOSITORY, BLOB_DIGEST)).toBe(BLOB.byteLength)
    expect(scripted.requests.map(({ kind }) => kind)).toEqual(['blob-head', 'blob-get'])
  })

  it('may have no bytes', async () => {
    const image = makeImage([Buffer.alloc(0)])
    await putImage(scripted.content, REPOSITORY, 'empty', image)
    expect(await upstream.blobSize(REPOSITORY, digestOfBytes(image.layers[0]!) as never)).toBe(0)
  })
})

describe('a manifest', () => {
  it('is asked for with all media types, once each, by HEAD first', async () => {
    await upstream.resolve(REPOSITORY, parseReference('v1'))
    await upstream.manifest(REPOSITORY, parseReference('v1'))
    expect(scripted.requests.map(({ kind }) => kind)).toEqual(['manifest-head', 'manifest-get'])
    for (const { headers } of scripted.requests) {
      expect(headers.accept?.split(', ')).toHaveLength(7)
      expect(headers.via).toBeUndefined()
      expect(headers['accept-encoding']).toBeUndefined()
    }
  })

  it('says through which registries the question comes', async () => {
    const { dialer } = openDialer()
    const settings = upstreamSettings(scripted.url)
    const through = (via: readonly string[]) => dialer.dial('scripted', settings, via)
    await through(['far', 'near']).resolve(REPOSITORY, parseReference('v1'))
    await through(['other']).resolve(REPOSITORY, parseReference('v1'))
    const vias = scripted.requests.map(({ headers }) => headers.via)
    expect(vias).toEqual(['1.1 far, 1.1 near', '1.1 other'])
  })

  it.each([400, 405, 501])('whose HEAD is answered %i is read', async (status) => {
    scripted.fail('manifest-head', answer(status))
    const { digest } = makeImage([BLOB])
    expect(await upstream.resolve(REPOSITORY, parseReference('v1'))).toMatchObject({ digest })
  })

  it('that is another than the digest asked for is a lie', async () => {
    const headers = { 'docker-content-digest': BLOB_DIGEST as string }
    scripted.fail('manifest-head', { kind: 'headers', headers })
    const reference = { digest: makeImage([BLOB]).digest }
    await expectFailure(upstream.resolve(REPOSITORY, reference), 'lying')
  })

  it('has its Content-Type without parameters', async () => {
    scripted.fail('any', { kind: 'headers', headers: { 'content-type': `${OCI}; charset=utf-8` } })
    const reference = parseReference('v1')
    expect(await upstream.resolve(REPOSITORY, reference)).toMatchObject({ mediaType: OCI })
    expect(await upstream.manifest(REPOSITORY, reference)).toMatchObject({ mediaType: OCI })
  })
})
