/** Redirects: followed without what was meant for the upstream alone, and only to where it is allowed. */
import { ClientRedirects } from '@sluice/adapters/upstream/client-redirects'
import type { Upstream } from '@sluice/core/ports/upstream'
import type { UpstreamSettings } from '@sluice/core/upstream/upstream-settings'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bytesOf } from '../../upstream/bytes-of.ts'
import { BLOB, BLOB_DIGEST, CALLS, REPOSITORY } from '../../upstream/calls.ts'
import { expectFailure } from '../../upstream/expect-failure.ts'
import { answer } from '../../upstream/fault.ts'
import { lookupOf } from '../../upstream/lookups.ts'
import { openDialer } from '../../upstream/open-dialer.ts'
import {
  startScriptedUpstream,
  type ScriptedUpstream,
} from '../../upstream/start-scripted-upstream.ts'
import { startForwardProxy } from '../../upstream/start-forward-proxy.ts'
import { startSecureUpstream } from '../../upstream/start-secure-upstream.ts'
import { makeImage, putImage } from '../../upstream/upstream-content.ts'
import { upstreamSettings } from '../../upstream/upstream-settings.ts'

const PATH = `/v2/${REPOSITORY}/blobs/${BLOB_DIGEST}`
const credentials = { type: 'basic', secretName: 'login' } as const

let scripted: ScriptedUpstream
/** The same host, another port. */
let other: ScriptedUpstream
let port: string
beforeEach(async () => {
  scripted = await startScriptedUpstream()
  other = await startScriptedUpstream()
  ;({ port } = new URL(scripted.url))
  for (const { content } of [scripted, other]) {
    await putImage(content, REPOSITORY, 'v1', makeImage([BLOB]))
  }
  scripted.login = { kind: 'basic', user: 'robot', password: 'pass:word' }
})
afterEach(async () => {
  await scripted.close()
  await other.close()
})

function dial(host: string, more: Partial<UpstreamSettings> = {}): Upstream {
  const { dialer, secrets } = openDialer({ lookup: lookupOf('127.0.0.1') })
  secrets.set('login', 'robot:pass:word')
  const settings = upstreamSettings(`http://${host}:${port}`, { credentials, ...more })
  return dialer.dial('scripted', settings)
}

const redirect = (location: string, times = 1): void =>
  scripted.fail('blob-get', answer(307, { location }), times)

describe('a redirect', () => {
  it.each(['cdn.other.net', 'cdn.example.com', 'example.com', 'registry.example.com.'])(
    'to %s takes no login along',
    async (host) => {
      const upstream = dial('registry.example.com')
      await CALLS['tags']!(upstream)
      redirect(`http://${host}:${port}${PATH}?signature=1`)
      expect(await CALLS['blob']!(upstream)).toEqual(BLOB)
      const [asked, followed] = scripted.requests.slice(-2)
      expect(asked?.headers.authorization).toMatch(/^Basic /)
      expect(followed?.headers).toMatchObject({ host: `${host}:${port}` })
      expect(followed?.headers.authorization).toBeUndefined()
    },
  )

  it('to another port of the same host takes no login along', async () => {
    const upstream = dial('127.0.0.1')
    await CALLS['tags']!(upstream)
    redirect(other.url + PATH)
    expect(await CALLS['blob']!(upstream)).toEqual(BLOB)
    expect(other.requests).toHaveLength(1)
    expect(other.requests[0]?.headers.authorization).toBeUndefined()
  })

  it('to another path of the same host takes the login along', async () => {
    const upstream = dial('127.0.0.1')
    await CALLS['tags']!(upstream)
    redirect(`${PATH}?again`)
    expect(await CALLS['blob']!(upstream)).toEqual(BLOB)
    expect(scripted.requests.at(-1)?.headers.authorization).toMatch(/^Basic /)
  })

  it('that comes back from another host takes no login along', async () => {
    const upstream = dial('127.0.0.1')
    await CALLS['tags']!(upstream)
    redirect(other.url + PATH)
    other.fail('blob-get', answer(307, { location: `${scripted.url}/v2/secret/blobs/x` }))
    await expectFailure(CALLS['blob']!(upstream), 'refusing')
    expect(scripted.requests.at(-1)).toMatchObject({ url: '/v2/secret/blobs/x' })
    expect(scripted.requests.at(-1)?.headers.authorization).toBeUndefined()
  })

  it('to a host that asks for a login gets none, and its token service is not asked', async () => {
    other.login = { kind: 'token' }
    const upstream = dial('127.0.0.1')
    await CALLS['tags']!(upstream)
    redirect(other.url + PATH)
    await expectFailure(CALLS['blob']!(upstream), 'refusing')
    expect(other.requests).toHaveLength(1)
  })

  it('from https to http is not followed, even where http is allowed', async () => {
    const secure = await startSecureUpstream()
    secure.upstream.fail('blob-get', answer(307, { location: other.url + PATH }))
    const settings = upstreamSettings(secure.upstream.url, { insecure: true })
    const upstream = openDialer().dialer.dial('secure', settings)
    await expectFailure(CALLS['blob']!(upstream), 'forbidden')
    expect(other.requests).toEqual([])
    await secure.close()
  })

  it.each(['file:///etc/passwd', 'ftp://127.0.0.1/blob', 'data:text/plain,blob'])(
    'to %s is not followed',
    async (location) => {
      redirect(location, Infinity)
      scripted.login = undefined
      await expectFailure(CALLS['blob']!(dial('127.0.0.1')), 'forbidden')
    },
  )

  it.each([301, 302, 303, 307, 308])('by %i is followed, with the range', async (status) => {
    scripted.login = undefined
    scripted.fail('blob-get', answer(status, { location: other.url + PATH }))
    const found = await dial('127.0.0.1').blob(REPOSITORY, BLOB_DIGEST, 1000)
    expect(await bytesOf(found)).toEqual(BLOB.subarray(1000))
    expect(other.requests).toMatchObject([{ method: 'GET', headers: { range: 'bytes=1000-' } }])
  })

  it.each([300, 304, 305])('by %i is none', async (status) => {
    scripted.login = undefined
    scripted.fail('blob-get', answer(status, { location: other.url + PATH }))
    await expectFailure(CALLS['blob']!(dial('127.0.0.1')), 'lying')
    expect(other.requests).toEqual([])
  })

  it('is followed five times, not six', async () => {
    scripted.login = undefined
    redirect(PATH, 5)
    expect(await CALLS['blob']!(dial('127.0.0.1'))).toEqual(BLOB)
    expect(scripted.count('blob-get')).toBe(6)
    scripted.forget()
    redirect(PATH, 6)
    await expectFailure(CALLS['blob']!(dial('127.0.0.1')), 'lying')
    expect(scripted.count('blob-get')).toBe(6)
  })

  it('to a store without the blob does not mean that the upstream has it not', async () => {
    scripted.login = undefined
    scripted.redirectsBlobs = true
    scripted.fail('store', answer(404, { 'content-type': 'application/xml' }, '<NoSuchKey/>'))
    const upstream = dial('127.0.0.1')
    await expectFailure(CALLS['blob']!(upstream), 'lying')
    await expectFailure(CALLS['blobSize']!(upstream), 'lying')
  })

  it('to a registry without the manifest means that it is not there', async () => {
    scripted.login = undefined
    const location = `${other.url}/v2/${REPOSITORY}/manifests/none`
    scripted.fail('manifest-get', answer(307, { location }))
    scripted.fail('manifest-head', answer(307, { location }))
    const upstream = dial('127.0.0.1')
    expect(await CALLS['manifest']!(upstream)).toBeUndefined()
    expect(await CALLS['resolve']!(upstream)).toBeUndefined()
  })

  it('that is signed for GET tells the size all the same', async () => {
    scripted.login = undefined
    scripted.redirectsBlobs = true
    scripted.fail('store', answer(403, { 'content-type': 'application/xml' }), 1)
    expect(await CALLS['blobSize']!(dial('127.0.0.1'))).toBe(BLOB.byteLength)
  })
})

describe('where a client may be sent', () => {
  beforeEach(() => {
    scripted.login = undefined
  })

  it('is where the upstream redirects, which is not asked itself', async () => {
    const location = `https://cdn.example.com${PATH}?signature=1`
    redirect(location)
    const url = await dial('127.0.0.1').blobUrl(REPOSITORY, BLOB_DIGEST)
    expect(String(url)).toBe(location)
    expect(scripted.requests).toHaveLength(1)
  })

  it('is known after a redirect of the upstream to itself', async () => {
    redirect('https://cdn.example.com/blob')
    redirect(`${PATH}?again`)
    const url = await dial('127.0.0.1').blobUrl(REPOSITORY, BLOB_DIGEST)
    expect(String(url)).toBe('https://cdn.example.com/blob')
  })

  it.each([
    'http://cdn.example.com/blob',
    'https://robot:pass@cdn.example.com/blob',
    'ftp://cdn.example.com/blob',
  ])('is not %s', async (location) => {
    redirect(location)
    expect(await dial('127.0.0.1').blobUrl(REPOSITORY, BLOB_DIGEST)).toBe('here')
  })

  it.each(['https://169.254.169.254/blob', 'https://[::1]/blob', 'https://2130706433/blob'])(
    'is not %s',
    async (location) => {
      const proxy = await startForwardProxy(port)
      redirect(location)
      const upstream = dial('registry.example.com', { privateAddresses: false, proxy: proxy.url })
      expect(await upstream.blobUrl(REPOSITORY, BLOB_DIGEST)).toBe('here')
      await proxy.close()
    },
  )

  it('is no name that leads into a network of its own', async () => {
    const settings = upstreamSettings('https://registry.example.com', { privateAddresses: false })
    const allows = (address: string): Promise<boolean> =>
      new ClientRedirects(settings, lookupOf(address)).allows(new URL('https://cdn.example.com/'))
    expect(await allows('10.0.0.1')).toBe(false)
    expect(await allows('::ffff:127.0.0.1')).toBe(false)
    expect(await allows('1.1.1.1')).toBe(true)
  })

  it("is 'here' where the upstream has the bytes", async () => {
    expect(await dial('127.0.0.1').blobUrl(REPOSITORY, BLOB_DIGEST)).toBe('here')
    expect(scripted.requests.map(({ headers }) => headers.range)).toEqual(['bytes=0-0'])
  })
})
