/** Where an upstream may be, and where it may have us go: nothing of ours is asked by way of it, and nobody else gets its login. */
import type { UpstreamFailure } from '@sluice/core/ports/upstream'
import type { UpstreamSettings } from '@sluice/core/upstream/upstream-settings'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BLOB, CALLS, REPOSITORY } from '../../upstream/calls.ts'
import { expectFailure } from '../../upstream/expect-failure.ts'
import { answer } from '../../upstream/fault.ts'
import { lookupOf } from '../../upstream/lookups.ts'
import { openDialer } from '../../upstream/open-dialer.ts'
import { startSecureUpstream } from '../../upstream/start-secure-upstream.ts'
import { startForwardProxy } from '../../upstream/start-forward-proxy.ts'
import {
  startScriptedUpstream,
  type ScriptedUpstream,
} from '../../upstream/start-scripted-upstream.ts'
import { makeImage, putImage } from '../../upstream/upstream-content.ts'
import { upstreamSettings } from '../../upstream/upstream-settings.ts'

const credentials = { type: 'basic', secretName: 'login' } as const

let scripted: ScriptedUpstream
let port: string
beforeEach(async () => {
  scripted = await startScriptedUpstream()
  ;({ port } = new URL(scripted.url))
  await putImage(scripted.content, REPOSITORY, 'v1', makeImage([BLOB]))
})
afterEach(() => scripted.close())

/** Every name leads to the scripted upstream. */
function dial(host: string, more: Partial<UpstreamSettings> = {}, to = lookupOf('127.0.0.1')) {
  const { dialer, secrets, problems } = openDialer({ lookup: to })
  secrets.set('login', 'robot:pass:word')
  const settings = upstreamSettings(`http://${host}:${port}`, { credentials, ...more })
  return { upstream: dialer.dial('scripted', settings), problems }
}

describe('an upstream whose address is not public', () => {
  const PRIVATE = { privateAddresses: false }

  it.each(['127.0.0.1', '2130706433', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0'])(
    'written as %s is not asked',
    async (host) => {
      await expectFailure(CALLS['tags']!(dial(host, PRIVATE).upstream), 'forbidden')
      expect(scripted.requests).toEqual([])
      expect(scripted.connections()).toBe(0)
    },
  )

  it.each(['127.0.0.1', '::1', '::ffff:127.0.0.1', '169.254.169.254', 'fd00:ec2::254', '10.0.0.1'])(
    'by a name that leads to %s is not asked',
    async (address) => {
      const { upstream } = dial('registry.example.com', PRIVATE, lookupOf(address))
      for (const call of Object.values(CALLS)) await expectFailure(call(upstream), 'forbidden')
      expect(scripted.requests).toEqual([])
      expect(scripted.connections()).toBe(0)
    },
  )

  it('by a name that leads elsewhere at the next look-up is not asked', async () => {
    const lookup = lookupOf('192.0.2.1', '127.0.0.1')
    const { upstream } = dial('registry.example.com', PRIVATE, lookup)
    for (let times = 0; times < 3; times++) {
      await expectFailure(CALLS['tags']!(upstream), 'forbidden')
    }
    expect(scripted.requests).toEqual([])
  })

  it('by the name of this machine is not asked', async () => {
    const { dialer } = openDialer()
    const settings = upstreamSettings(`http://localhost:${port}`, PRIVATE)
    await expectFailure(CALLS['tags']!(dialer.dial('scripted', settings)), 'forbidden')
    expect(scripted.connections()).toBe(0)
  })

  it('is asked where the settings allow it', async () => {
    expect(await CALLS['tags']!(dial('127.0.0.1').upstream)).toEqual(['v1'])
  })

  it.each([
    'http://169.254.169.254/latest/meta-data/',
    'http://[fd00:ec2::254]/',
    'http://[::ffff:169.254.169.254]/',
    'http://2852039166/',
    'http://127.0.0.1:1/',
    'http://10.0.0.1/',
  ])('is not gone to by a redirect: %s', async (location) => {
    // Through a proxy, since nothing on this machine has a public address.
    const proxy = await startForwardProxy(port)
    scripted.fail('any', answer(307, { location }))
    const { upstream } = dial('registry.example.com', { ...PRIVATE, proxy: proxy.url })
    for (const method of ['resolve', 'manifest', 'blobSize', 'blob', 'tags', 'referrers']) {
      await expectFailure(CALLS[method]!(upstream), 'forbidden')
    }
    expect(proxy.asked).toHaveLength(6)
    expect(await CALLS['blobUrl']!(upstream)).toBe('here')
    await proxy.close()
  })

  it('is not gone to for a token, even where realmHosts has it', async () => {
    const proxy = await startForwardProxy(port)
    scripted.login = { kind: 'token', realm: 'http://169.254.169.254/token' }
    const settings = { ...PRIVATE, proxy: proxy.url, realmHosts: ['169.254.169.254'] }
    const { upstream } = dial('registry.example.com', settings)
    await expectFailure(CALLS['tags']!(upstream), 'forbidden')
    expect(proxy.asked).toEqual([
      `http://registry.example.com:${port}/v2/team/app/tags/list?n=1000`,
    ])
    await proxy.close()
  })
})

const OWN_REALMS: readonly (readonly [host: string, realm: string, hosts: string[]])[] = [
  ['registry.example.com', 'http://registry.example.com:PORT/token', []],
  ['registry.example.com', 'http://auth.example.com:PORT/token', []],
  ['registry.example.com', 'http://example.com:PORT/token', []],
  ['registry.example.com', 'http://REGISTRY.EXAMPLE.COM:PORT/token', []],
  ['registry.example.co.uk', 'http://auth.example.co.uk:PORT/token', []],
  ['registry.example.com', 'http://auth.other.net:PORT/token', ['auth.other.net']],
  ['registry.example.com', 'http://auth.other.net:PORT/token', ['Auth.Other.Net:PORT']],
  ['127.0.0.1', 'http://127.0.0.1:PORT/token', []],
]

const FOREIGN_REALMS: readonly (readonly [
  host: string,
  realm: string,
  hosts: string[],
  UpstreamFailure,
])[] = [
  ['registry.example.com', 'http://auth.other.net:PORT/token', ['auth.other.net:1'], 'forbidden'],
  ['registry.example.com', 'http://auth.other.net:PORT/token', ['other.net'], 'forbidden'],
  ['registry.example.com', 'http://evil.com:PORT/token', [], 'forbidden'],
  ['registry.example.com', 'http://registry.example.com.evil.com:PORT/token', [], 'forbidden'],
  ['registry.example.com', 'http://evil.com:PORT/token?registry.example.com', [], 'forbidden'],
  ['registry.example.com', 'http://registry.example.com@evil.com:PORT/token', [], 'forbidden'],
  ['registry.example.com', 'http://notexample.com:PORT/token', [], 'forbidden'],
  ['registry.example.co.uk', 'http://evil.co.uk:PORT/token', [], 'forbidden'],
  ['one.github.io', 'http://two.github.io:PORT/token', [], 'forbidden'],
  ['one.s3.amazonaws.com', 'http://two.s3.amazonaws.com:PORT/token', [], 'forbidden'],
  ['registry', 'http://auth:PORT/token', [], 'forbidden'],
  ['127.0.0.1', 'http://127.0.0.2:PORT/token', [], 'forbidden'],
  ['registry.example.com', 'http://me:too@registry.example.com:PORT/token', [], 'forbidden'],
  ['registry.example.com', 'file:///etc/passwd', [], 'forbidden'],
  ['registry.example.com', 'ftp://registry.example.com/token', [], 'forbidden'],
  ['registry.example.com', '/token', [], 'lying'],
  ['registry.example.com', '', [], 'lying'],
]

const here = (text: string): string => text.replace('PORT', port)

function loginAt(realm: string): void {
  scripted.login = { kind: 'token', user: 'robot', password: 'pass:word', realm: here(realm) }
}

describe('a token service', () => {
  it.each(OWN_REALMS)("of %s at %s (%j) is the registry's own", async (host, realm, hosts) => {
    loginAt(realm)
    const { upstream } = dial(host, { realmHosts: hosts.map(here) })
    expect(await CALLS['tags']!(upstream)).toEqual(['v1'])
    expect(scripted.count('token')).toBe(1)
  })

  it.each(FOREIGN_REALMS)(
    'of %s at %s (%j) is not asked: %s',
    async (host, realm, hosts, reason) => {
      loginAt(realm)
      const { upstream } = dial(host, { realmHosts: hosts.map(here) })
      for (const call of Object.values(CALLS)) await expectFailure(call(upstream), reason)
      expect(scripted.count('token')).toBe(0)
      expect(scripted.requests.filter(({ headers }) => headers.authorization)).toEqual([])
    },
  )

  it('is asked by http of an upstream by http alone', async () => {
    const secure = await startSecureUpstream()
    const { upstream: realm } = secure
    const { dialer } = openDialer()
    realm.login = { kind: 'token', realm: `${scripted.url}/token` }
    const settings = upstreamSettings(realm.url, { insecure: true })
    await expectFailure(CALLS['tags']!(dialer.dial('secure', settings)), 'forbidden')
    expect(scripted.requests).toEqual([])
    await secure.close()
  })

  it('gets no login through a redirect', async () => {
    const realm = `http://registry.example.com:${port}/token`
    scripted.login = { kind: 'token', user: 'robot', password: 'pass:word', realm }
    scripted.fail('token', answer(307, { location: `http://evil.com:${port}/token` }))
    await expectFailure(CALLS['tags']!(dial('registry.example.com').upstream), 'lying')
    expect(scripted.requests.filter(({ headers }) => headers.host?.startsWith('evil'))).toEqual([])
  })
})
