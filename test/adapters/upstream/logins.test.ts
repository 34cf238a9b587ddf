/** Logins and tokens: as few requests as can be, and nothing of them where it does not belong. */
import type { Upstream } from '@sluice/core/ports/upstream'
import type { UpstreamSettings } from '@sluice/core/upstream/upstream-settings'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BLOB, CALLS, REPOSITORY } from '../../upstream/calls.ts'
import { expectFailure } from '../../upstream/expect-failure.ts'
import { answer } from '../../upstream/fault.ts'
import { lookupOf } from '../../upstream/lookups.ts'
import { openDialer, type OpenDialer } from '../../upstream/open-dialer.ts'
import {
  startScriptedUpstream,
  type ScriptedUpstream,
} from '../../upstream/start-scripted-upstream.ts'
import { makeImage, putImage } from '../../upstream/upstream-content.ts'
import { upstreamSettings } from '../../upstream/upstream-settings.ts'

const credentials = { type: 'basic', secretName: 'login' } as const
const LOGIN = { user: 'robot', password: 'pass:word' } as const

let scripted: ScriptedUpstream
let opened: OpenDialer
beforeEach(async () => {
  scripted = await startScriptedUpstream()
  await putImage(scripted.content, REPOSITORY, 'v1', makeImage([BLOB]))
  opened = openDialer()
  opened.secrets.set('login', 'robot:pass:word')
})
afterEach(() => scripted.close())

const dial = (more: Partial<UpstreamSettings> = { credentials }): Upstream =>
  opened.dialer.dial('scripted', upstreamSettings(scripted.url, more))
const kinds = (): readonly string[] => scripted.requests.map(({ kind }) => kind)

describe('a token', () => {
  beforeEach(() => {
    scripted.login = { kind: 'token', ...LOGIN }
  })

  it('is fetched once; what follows costs one request each', async () => {
    await CALLS['manifest']!(dial())
    expect(kinds()).toEqual(['manifest-get', 'token', 'manifest-get'])
    scripted.forget()
    for (const method of ['resolve', 'blob', 'tags', 'referrers']) await CALLS[method]!(dial())
    expect(kinds()).toEqual(['manifest-head', 'blob-get', 'tags', 'referrers'])
  })

  it('is asked for by the first of many who ask at once, and by no other', async () => {
    const upstream = dial()
    const first = ['manifest', 'resolve', 'blob', 'tags', 'referrers', 'manifest', 'blob']
    await Promise.all(first.map((method) => CALLS[method]!(upstream)))
    const without = scripted.requests.filter(({ headers }) => headers.authorization === undefined)
    expect(without).toHaveLength(1)
    expect(scripted.count('token')).toBe(1)
    expect(scripted.requests).toHaveLength(1 + 1 + first.length)
  })

  it('is asked for with service, the scope of pulling and the login, and with no more', async () => {
    await CALLS['tags']!(dial())
    const asked = scripted.requests.find(({ kind }) => kind === 'token')
    const { searchParams } = new URL(asked?.url ?? '', scripted.url)
    expect([...searchParams]).toEqual([
      ['service', 'scripted'],
      ['scope', `repository:${REPOSITORY}:pull`],
    ])
    expect(asked?.headers.authorization).toMatch(/^Basic /)
  })

  it('is each repository its own', async () => {
    await putImage(scripted.content, 'team/other', 'v1', makeImage([]))
    await CALLS['tags']!(dial())
    await dial().tags('team/other')
    expect(scripted.count('token')).toBe(2)
  })

  it('is fetched once for many at once, and for other processes', async () => {
    await Promise.all(Array.from({ length: 20 }, () => CALLS['tags']!(dial())))
    expect(scripted.count('token')).toBe(1)
    scripted.forget()
    const { dialer } = openDialer({ tokens: opened.tokens })
    await CALLS['tags']!(dialer.dial('scripted', upstreamSettings(scripted.url, { credentials })))
    expect(kinds()).toEqual(['tags', 'tags'])
  })

  it('is kept until its end, which is a minute at least and a day at most', async () => {
    const now = 1_000_000
    for (const [expiresIn, seconds] of [
      [300, 300],
      [5, 60],
      [-1, 60],
      [1e12, 86_400],
      [null, 300],
    ] as const) {
      const { dialer, tokens, secrets } = openDialer({ clock: { now: () => now } })
      secrets.set('login', 'robot:pass:word')
      scripted.login = { kind: 'token', ...LOGIN, expiresIn }
      await CALLS['tags']!(dialer.dial('scripted', upstreamSettings(scripted.url, { credentials })))
      const [kept] = [...tokens.kept.values()]
      expect(kept?.expiresAt).toBe(now + seconds * 1000)
    }
  })

  it('of a minute is used for more than one request', async () => {
    scripted.login = { kind: 'token', ...LOGIN, expiresIn: 60 }
    await CALLS['tags']!(dial())
    await CALLS['tags']!(dial())
    expect(scripted.count('token')).toBe(1)
  })

  it('that is refused is forgotten, and fetched anew once', async () => {
    await CALLS['tags']!(dial())
    scripted.tokens.revoke()
    scripted.forget()
    expect(await CALLS['tags']!(dial())).toEqual(['v1'])
    expect(kinds()).toEqual(['tags', 'token', 'tags'])
  })

  it('of another process that is refused is fetched anew once', async () => {
    await CALLS['tags']!(dial())
    scripted.tokens.revoke()
    scripted.forget()
    const { dialer, secrets } = openDialer({ tokens: opened.tokens })
    secrets.set('login', 'robot:pass:word')
    const upstream = dialer.dial('scripted', upstreamSettings(scripted.url, { credentials }))
    expect(await CALLS['tags']!(upstream)).toEqual(['v1'])
    expect(kinds()).toEqual(['tags', 'tags', 'token', 'tags'])
  })

  it('that is refused as soon as it is had is not asked for again, and not kept', async () => {
    const challenge = `Bearer realm="${scripted.url}/token",scope="x"`
    scripted.fail('tags', answer(401, { 'www-authenticate': challenge }))
    await expectFailure(CALLS['tags']!(dial()), 'refusing')
    expect(kinds()).toEqual(['tags', 'token', 'tags'])
    expect(opened.tokens.kept.size).toBe(0)
  })

  it('for nobody that is refused says that credentials may be missing', async () => {
    scripted.fail('token', answer(200, {}, '{"token":"for-nobody"}'))
    const { message } = await expectFailure(CALLS['tags']!(dial({})), 'refusing')
    expect(message).toContain('has no such repository, or only for those who log in')
  })

  it('is no key of the shared ones, nor is the login', async () => {
    await CALLS['tags']!(dial())
    const [[key = '', kept] = []] = opened.tokens.kept
    expect(key).toMatch(/^scripted\/[a-f0-9]{64}\/repository:team\/app:pull$/)
    expect(key).not.toContain(kept?.token)
  })

  it('of one login is not used for another', async () => {
    await CALLS['tags']!(dial())
    opened.secrets.set('other', 'somebody:else')
    const other = dial({ credentials: { type: 'basic', secretName: 'other' } })
    await expectFailure(CALLS['tags']!(other), 'refusing')
    expect(kinds()).toEqual(['tags', 'token', 'tags', 'tags', 'token'])
  })

  it('of an upstream that is set up anew elsewhere is not used there', async () => {
    await CALLS['tags']!(dial())
    const thief = await startScriptedUpstream()
    thief.login = { kind: 'token' }
    const settings = upstreamSettings(thief.url, { credentials })
    const [first] = [...opened.tokens.kept.values()]
    expect(await opened.dialer.dial('scripted', settings).tags(REPOSITORY)).toBeUndefined()
    const sent = thief.requests.map(({ headers }) => headers.authorization ?? '')
    expect(sent.slice(-1)).toEqual([expect.stringMatching(/^Bearer /)])
    expect(sent.join(' ')).not.toContain(first?.token)
    await thief.close()
  })
})

describe('a token service', () => {
  beforeEach(() => {
    scripted.login = { kind: 'token', ...LOGIN }
  })

  const CASES = [
    ['401', answer(401), 'refusing'],
    ['403', answer(403), 'refusing'],
    ['429', answer(429, { 'retry-after': '9' }), 'limited', 9],
    ['500', answer(500), 'failing'],
    ['nothing', { kind: 'cut' }, 'unreachable'],
    ['a page', answer(200, { 'content-type': 'text/html' }, '<html>'), 'lying'],
    ['no token', answer(200, {}, '{"expires_in":300}'), 'lying'],
    ['a number', answer(200, {}, '{"token":7}'), 'lying'],
    ['a token of two lines', answer(200, {}, JSON.stringify({ token: 'a\r\nHost: b' })), 'lying'],
    ['a list', answer(200, {}, '[]'), 'lying'],
    ['too much', answer(200, {}, JSON.stringify({ token: 'a'.repeat(200_000) })), 'lying'],
    ['a redirect', answer(307, { location: '/token2' }), 'lying'],
  ] as const
  it.each(CASES)('that answers %s: %s', async (_name, fault, reason, seconds?: number) => {
    scripted.fail('token', fault)
    for (const call of Object.values(CALLS)) await expectFailure(call(dial()), reason, seconds)
    expect(opened.tokens.kept.size).toBe(0)
    expect(opened.problems.join()).not.toMatch(/token|scope|word/)
  })

  it('that knows OAuth2 alone gets the login as a form', async () => {
    scripted.login = { kind: 'token', ...LOGIN, byPost: true }
    expect(await CALLS['tags']!(dial())).toEqual(['v1'])
    const { method, url, headers, body } = scripted.requests.findLast(
      ({ kind }) => kind === 'token',
    )!
    expect({ method, url }).toEqual({ method: 'POST', url: '/token' })
    expect(headers.authorization).toBeUndefined()
    expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
      grant_type: 'password',
      client_id: 'sluice',
      service: 'scripted',
      scope: `repository:${REPOSITORY}:pull`,
      username: 'robot',
      password: 'pass:word',
    })
  })

  it('gives anybody a token where there are no credentials', async () => {
    scripted.login = { kind: 'token' }
    expect(await CALLS['tags']!(dial({}))).toEqual(['v1'])
    expect(scripted.requests.find(({ kind }) => kind === 'token')?.headers.authorization).toBe(
      undefined,
    )
  })
})

describe('a login', () => {
  it('is not sent before it is asked for', async () => {
    expect(await CALLS['tags']!(dial())).toEqual(['v1'])
    expect(scripted.requests[0]?.headers.authorization).toBeUndefined()
  })

  it('by Basic is sent at once when it was asked for before', async () => {
    scripted.login = { kind: 'basic', ...LOGIN }
    await CALLS['tags']!(dial())
    scripted.forget()
    await CALLS['manifest']!(dial())
    expect(kinds()).toEqual(['manifest-get'])
  })

  it('that changed is read again when the former is refused', async () => {
    scripted.login = { kind: 'basic', ...LOGIN }
    opened.secrets.set('login', 'robot:old')
    await expectFailure(CALLS['tags']!(dial()), 'refusing')
    opened.secrets.set('login', 'robot:pass:word')
    expect(await CALLS['tags']!(dial())).toEqual(['v1'])
  })

  it('that is refused is tried once', async () => {
    scripted.login = { kind: 'basic', user: 'robot', password: 'other' }
    await expectFailure(CALLS['tags']!(dial()), 'refusing')
    expect(kinds()).toEqual(['tags', 'tags'])
  })

  it('by a token of its own is sent as it is', async () => {
    opened.secrets.set('login', 'ghp_abc\n')
    const challenge = `Bearer realm="http://elsewhere.example/token",service="x"`
    scripted.fail('tags', answer(401, { 'www-authenticate': challenge }), 1)
    const upstream = dial({ credentials: { type: 'bearer', secretName: 'login' } })
    expect(await CALLS['tags']!(upstream)).toEqual(['v1'])
    expect(scripted.requests.at(-1)?.headers.authorization).toBe('Bearer ghp_abc')
  })

  it.each([
    ['is not there', undefined],
    ['is empty', ''],
    ['has no password', 'robot'],
    ['has a line end within', 'robot:pass\r\nHost: x'],
  ])('whose secret %s is none', async (_name, text) => {
    scripted.login = { kind: 'basic', ...LOGIN }
    opened.secrets.delete('login')
    if (text !== undefined) opened.secrets.set('login', text)
    await expectFailure(CALLS['tags']!(dial()), 'forbidden')
    expect(kinds()).toEqual(['tags'])
  })
})

describe('a challenge', () => {
  const REALM = 'realm="URL/token"'
  it.each([
    `Bearer ${REALM},service="scripted"`,
    `bearer service="scripted" , ${REALM}`,
    `BEARER scope="x,y:z",error="a\\"b, Basic c",${REALM},service=scripted`,
    `Basic realm="x", Bearer ${REALM},service="scripted"`,
    `Bearer ${REALM},service="scripted", Basic realm="x"`,
    `Negotiate, Bearer ${REALM}`,
    `Bearer ${REALM},realm="http://evil.com/token"`,
  ])('is understood: %s', async (text) => {
    scripted.login = { kind: 'token' }
    const header = text.replace('URL', scripted.url)
    scripted.fail('tags', answer(401, { 'www-authenticate': header }), 1)
    expect(await CALLS['tags']!(dial({}))).toEqual(['v1'])
    expect(kinds()).toEqual(['tags', 'token', 'tags'])
  })

  it('of two headers is understood', async () => {
    scripted.login = { kind: 'token' }
    const both = ['Basic realm="x"', `Bearer realm="${scripted.url}/token"`]
    scripted.fail('tags', answer(401, { 'www-authenticate': both }), 1)
    expect(await CALLS['tags']!(dial({}))).toEqual(['v1'])
  })

  it.each([
    '',
    '=',
    '"',
    'Bearer',
    'Bearer realm',
    'Bearer realm="',
    ',,,,',
    'x'.repeat(9000),
    'Basic',
  ])('that is none is refused: %s', async (header) => {
    scripted.fail('tags', answer(401, { 'www-authenticate': header }))
    const error = await CALLS['tags']!(dial({})).then(
      () => undefined,
      (thrown: { readonly reason?: string }) => thrown,
    )
    expect(['refusing', 'lying']).toContain(error?.reason)
    expect(scripted.count('tags')).toBe(1)
  })
})

const at = (host: string, { url }: ScriptedUpstream): string =>
  `http://${host}:${new URL(url).port}`

describe('a mirror', () => {
  it('of another domain gets no login', async () => {
    const mirror = await startScriptedUpstream()
    await putImage(mirror.content, REPOSITORY, 'v1', makeImage([BLOB]))
    mirror.login = { kind: 'basic', ...LOGIN }
    scripted.fail('any', answer(500))
    const { dialer, secrets } = openDialer({ lookup: lookupOf('127.0.0.1') })
    secrets.set('login', 'robot:pass:word')
    const urls = (host: string): readonly string[] => [
      at('registry.example.com', scripted),
      at(host, mirror),
    ]
    const to = (host: string, more = {}): Upstream =>
      dialer.dial('m', upstreamSettings('http:', { urls: urls(host), credentials, ...more }))

    await expectFailure(CALLS['tags']!(to('mirror.other.net')), 'failing')
    expect(mirror.requests.flatMap(({ headers }) => headers.authorization ?? [])).toEqual([])
    expect(await CALLS['tags']!(to('mirror.example.com'))).toEqual(['v1'])
    const named = { realmHosts: ['mirror.other.net'] }
    expect(await CALLS['tags']!(to('mirror.other.net', named))).toEqual(['v1'])
    await mirror.close()
  })
})
