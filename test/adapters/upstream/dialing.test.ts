/** Mirrors, certificates, proxies, and what an upstream has left. */
import type { Upstream } from '@sluice/core/ports/upstream'
import { parseReference } from '@sluice/core/reference'
import type { UpstreamSettings } from '@sluice/core/upstream/upstream-settings'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startConnectProxy } from '../../clients/start-connect-proxy.ts'
import { bytesOf } from '../../upstream/bytes-of.ts'
import { BLOB, BLOB_DIGEST, CALLS, REPOSITORY } from '../../upstream/calls.ts'
import { expectFailure } from '../../upstream/expect-failure.ts'
import { answer, hang } from '../../upstream/fault.ts'
import { openDialer } from '../../upstream/open-dialer.ts'
import { startForwardProxy } from '../../upstream/start-forward-proxy.ts'
import {
  startScriptedUpstream,
  type ScriptedUpstream,
} from '../../upstream/start-scripted-upstream.ts'
import { startSecureUpstream, type SecureUpstream } from '../../upstream/start-secure-upstream.ts'
import { makeImage, putImage } from '../../upstream/upstream-content.ts'
import { upstreamSettings } from '../../upstream/upstream-settings.ts'

const SOON = { connectMs: 500, headersMs: 500 }

let scripted: ScriptedUpstream
let mirror: ScriptedUpstream
beforeEach(async () => {
  scripted = await startScriptedUpstream()
  mirror = await startScriptedUpstream()
  for (const { content } of [scripted, mirror]) {
    await putImage(content, REPOSITORY, 'v1', makeImage([BLOB]))
  }
})
afterEach(async () => {
  await scripted.close()
  await mirror.close()
})

const dial = (more: Partial<UpstreamSettings> = {}, limits = {}): Upstream =>
  openDialer({ limits }).dialer.dial('scripted', upstreamSettings(scripted.url, more))

const both = (): Upstream => dial({ urls: [scripted.url, mirror.url] }, SOON)

const rangesOf = ({ requests }: ScriptedUpstream) =>
  requests.flatMap(({ kind, headers }) => (kind === 'blob-get' ? [headers.range] : []))
const rest = (start: number): string => `bytes=${start}-`

describe('mirrors', () => {
  it('go on with a transfer that broke, and the registry with one that broke at the last of them', async () => {
    const upstream = both()
    const half = BLOB.byteLength / 2
    const read = async (start: number): Promise<Buffer> => {
      const found = await upstream.blob(REPOSITORY, BLOB_DIGEST, start)
      return found ? bytesOf(found) : Buffer.of()
    }
    scripted.fail('blob-get', { kind: 'cut', after: half }, 1)
    await expectFailure(read(0), 'unreachable')
    mirror.fail('blob-get', { kind: 'cut', after: 1 }, 1)
    await expectFailure(read(half), 'unreachable')
    expect(await read(half + 1)).toEqual(BLOB.subarray(half + 1))
    // One that lacks it, or cannot be asked, leaves it to the next.
    scripted.fail('blob-get', { kind: 'cut', after: half }, 1)
    await expectFailure(read(0), 'unreachable')
    mirror.fail('blob-get', answer(404, {}, '{}'))
    expect(await read(half)).toEqual(BLOB.subarray(half))
    expect(await read(0)).toEqual(BLOB)
    expect(rangesOf(scripted)).toEqual([
      undefined,
      rest(half + 1),
      undefined,
      rest(half),
      undefined,
    ])
    expect(rangesOf(mirror)).toEqual([rest(half), rest(half)])
  })

  it.each([
    ['fails', answer(503)],
    ['hangs', hang],
    ['breaks off', { kind: 'cut' }],
  ] as const)('are asked when the upstream %s', async (_name, fault) => {
    scripted.fail('any', fault)
    const upstream = both()
    expect(await CALLS['tags']!(upstream)).toEqual(['v1'])
    expect(await CALLS['blob']!(upstream)).toEqual(BLOB)
    expect(await CALLS['resolve']!(upstream)).toMatchObject({ digest: makeImage([BLOB]).digest })
  })

  it('are asked when nothing listens at the upstream', async () => {
    const gone = await startScriptedUpstream()
    await gone.close()
    expect(await CALLS['tags']!(dial({ urls: [gone.url, mirror.url] }))).toEqual(['v1'])
  })

  it.each([
    ['has it', undefined, 'answers'],
    ['refuses', answer(403), 'refusing'],
    ['limits', answer(429), 'limited'],
    ['lies', answer(200, {}, 'x'), 'lying'],
    ['has it not', answer(404, {}, '{}'), 'answers'],
  ] as const)('are not asked when the upstream %s', async (_name, fault, outcome) => {
    if (fault) scripted.fail('any', fault)
    const found = CALLS['tags']!(both()).then(
      () => 'answers',
      (error: { readonly reason?: string }) => error.reason,
    )
    expect(await found).toBe(outcome)
    expect(mirror.requests).toEqual([])
  })

  it('that fail too leave the first failure', async () => {
    scripted.fail('any', answer(503, { 'retry-after': '5' }))
    for (const fault of [answer(429), answer(403), answer(200, {}, 'x'), hang]) {
      mirror.heal()
      mirror.fail('any', fault)
      await expectFailure(CALLS['tags']!(both()), 'failing', 5)
    }
  })

  it('that have it not do not mean that the upstream has it not', async () => {
    scripted.fail('any', answer(500))
    const upstream = both()
    await expectFailure(upstream.manifest('team/none', parseReference('v1')), 'failing')
    await expectFailure(upstream.tags('team/none'), 'failing')
  })
})

describe('https', () => {
  let secure: SecureUpstream
  beforeEach(async () => {
    secure = await startSecureUpstream()
    await putImage(secure.upstream.content, REPOSITORY, 'v1', makeImage([BLOB]))
  })
  afterEach(() => secure.close())
  const dialSecurely = (more: Partial<UpstreamSettings> = {}): Upstream =>
    dial({ urls: [secure.upstream.url], insecure: false, ...more })

  it('is believed with a certificate of the authority of the settings', async () => {
    const upstream = dialSecurely({ certificateAuthority: secure.certificate })
    expect(await CALLS['blob']!(upstream)).toEqual(BLOB)
  })

  it('is not believed with a certificate of anybody', async () => {
    await expectFailure(CALLS['blob']!(dialSecurely()), 'unreachable')
    expect(secure.upstream.requests).toEqual([])
  })

  it('is believed with a certificate of anybody where the settings are insecure', async () => {
    expect(await CALLS['blob']!(dialSecurely({ insecure: true }))).toEqual(BLOB)
  })

  it('is not believed with a certificate of another host', async () => {
    const urls = [secure.upstream.storeUrl]
    const upstream = dialSecurely({ urls, certificateAuthority: secure.certificate })
    await expectFailure(CALLS['blob']!(upstream), 'unreachable')
  })

  it('is all that is asked where the settings are not insecure', async () => {
    await expectFailure(CALLS['blob']!(dial({ insecure: false })), 'forbidden')
    expect(scripted.connections()).toBe(0)
  })

  it('goes through a proxy', async () => {
    const proxy = await startConnectProxy(Number(new URL(secure.upstream.url).port))
    const more = { certificateAuthority: secure.certificate, proxy: proxy.url }
    expect(await CALLS['blob']!(dialSecurely(more))).toEqual(BLOB)
    await proxy.close()
    await expectFailure(CALLS['blob']!(dialSecurely(more)), 'unreachable')
  })
})

describe('http', () => {
  it('goes through a proxy', async () => {
    const proxy = await startForwardProxy(new URL(scripted.url).port)
    const upstream = dial({ urls: ['http://registry.example.com'], proxy: proxy.url })
    expect(await CALLS['blob']!(upstream)).toEqual(BLOB)
    expect(proxy.asked).toEqual([
      `http://registry.example.com/v2/${REPOSITORY}/blobs/${BLOB_DIGEST}`,
    ])
    await proxy.close()
  })
})

describe('what the upstream has left', () => {
  it('is known by its name', async () => {
    const { dialer } = openDialer()
    const upstream = dialer.dial('scripted', upstreamSettings(scripted.url))
    await CALLS['tags']!(upstream)
    expect(dialer.remaining('scripted')).toBeUndefined()
    for (const [text, remaining] of [
      ['76;w=21600', 76],
      ['0', 0],
      ['many', 0],
    ] as const) {
      const headers = { 'ratelimit-remaining': text }
      scripted.fail('tags', { kind: 'headers', headers })
      await CALLS['tags']!(upstream)
      expect(dialer.remaining('scripted')).toBe(remaining)
    }
    scripted.fail('tags', answer(429, { 'ratelimit-remaining': '3' }))
    await expectFailure(CALLS['tags']!(upstream), 'limited')
    expect(dialer.remaining('scripted')).toBe(3)
    expect(dialer.remaining('other')).toBeUndefined()
  })
})
