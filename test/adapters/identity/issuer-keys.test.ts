/** Keys of an identity provider that change, that nobody has, and that cannot be asked for. */
import { BETWEEN_ASKS_MS, KEPT_FOR_MS } from '@sluice/adapters/identity/issuer-keys'
import { IssuerKeyRecords } from '@sluice/adapters/identity/issuer-key-records'
import { JwtIdentityProvider } from '@sluice/adapters/identity/jwt-identity-provider'
import { StorageError } from '@sluice/core/ports/storage-error'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { selfSigned } from '../../server/self-signed.ts'
import { newPair, startIssuer, type IssuerUnderTest } from '../../identity/issuer-under-test.ts'
import {
  openTemporaryRegistry,
  settableClock,
  type SettableClock,
  type TemporaryRegistry,
} from '../../temporary-registry.ts'

let clock: SettableClock
let idp: IssuerUnderTest
let registry: TemporaryRegistry
let provider: JwtIdentityProvider

/** Another thread's, or that of another start. */
const openProvider = (issuers = [idp.issuer]) =>
  new JwtIdentityProvider(issuers, clock, new IssuerKeyRecords(registry.table))

beforeEach(async () => {
  clock = settableClock()
  idp = await startIssuer({}, () => clock.now())
  registry = await openTemporaryRegistry()
  provider = openProvider()
})
afterEach(async () => {
  await idp.close()
  await registry.close()
})

const identify = (token: string) => provider.identify(token, idp.url)
const ALICE = { user: 'alice', groups: ['system:authenticated'], uid: 'alice' }
const UNKNOWN = { reason: 'the token cannot be verified' }

it('are asked for once, whoever comes together, and not again while they do', async () => {
  const tokens = await Promise.all(
    Array.from({ length: 20 }, (_, at) => idp.token({ jti: `${at}` })),
  )
  expect(await Promise.all(tokens.map(identify))).toEqual(tokens.map(() => ALICE))
  expect(idp.asked).toEqual(['/.well-known/openid-configuration', '/keys'])
})

it('that are new are found when a token names one', async () => {
  await identify(await idp.token())
  const second = await newPair('second', 'ES256')
  idp.publish([second, ...idp.keys])
  clock.advance(BETWEEN_ASKS_MS)
  expect(await identify(await idp.token({}, {}, second))).toEqual(ALICE)
  expect(await identify(await idp.token({ jti: '2' }, {}, idp.keys[1]))).toEqual(ALICE)
  expect(idp.asked).toHaveLength(4)
})

it('that nobody has are asked for once in ten seconds, however many tokens name them', async () => {
  await identify(await idp.token())
  for (let seconds = 0; seconds < 30; seconds++) {
    clock.advance(1000)
    const flood = Array.from({ length: 20 }, async (_, at) =>
      idp.token({}, { kid: `${seconds} ${at}` }),
    )
    for (const answer of await Promise.all((await Promise.all(flood)).map(identify))) {
      expect(answer).toMatchObject(UNKNOWN)
    }
  }
  expect(idp.asked.filter((path) => path === '/keys')).toHaveLength(1 + 3)
  expect(await identify(await idp.token({ jti: 'good' }))).toEqual(ALICE)
})

it('that were taken back end when they are read again', async () => {
  const [first] = idp.keys
  await identify(await idp.token())
  idp.publish([await newPair('second')])
  clock.advance(KEPT_FOR_MS - 1)
  expect(await identify(await idp.token({ jti: 'still' }, {}, first))).toEqual(ALICE)
  clock.advance(1)
  expect(await identify(await idp.token({ jti: 'over' }, {}, first))).toMatchObject(UNKNOWN)
})

it.each([500, 302, 404])(
  'go on while the issuer answers %i, and unknown ones do not',
  async (status) => {
    const [first] = idp.keys
    await identify(await idp.token())
    idp.failWith(status)
    for (const wait of [BETWEEN_ASKS_MS, KEPT_FOR_MS, KEPT_FOR_MS]) {
      clock.advance(wait)
      expect(await identify(await idp.token({ jti: `${wait}` }, {}, first))).toEqual(ALICE)
      const second = await newPair('second')
      expect(await identify(await idp.token({}, {}, second))).toEqual({
        reason: 'the token cannot be verified just now',
        problem: expect.stringMatching(
          new RegExp(`^the keys of ${idp.url} cannot be had: .* answers ${status}$`),
        ) as string,
      })
    }
    idp.failWith(undefined)
    clock.advance(BETWEEN_ASKS_MS)
    expect(await identify(await idp.token({ jti: 'later' }))).toEqual(ALICE)
    const stranger = await identify(await idp.token({}, {}, await newPair('second')))
    expect(stranger).toEqual({ ...UNKNOWN, problem: 'its issuer has no such key' })
  },
)

it('that could never be had refuse every token, with the reason for the log alone', async () => {
  idp.failWith(503)
  const answer = await identify(await idp.token())
  expect(answer).toEqual({
    reason: 'the token cannot be verified just now',
    problem: `the keys of ${idp.url} cannot be had: ${idp.url}/.well-known/openid-configuration answers 503`,
  })
  await identify(await idp.token())
  expect(idp.asked).toHaveLength(1)
  idp.failWith(undefined)
  clock.advance(BETWEEN_ASKS_MS)
  expect(await identify(await idp.token())).toEqual(ALICE)
})

it('that cannot be had are told of, and that they can again', async () => {
  const told: unknown[] = []
  const records = new IssuerKeyRecords(registry.table)
  const hearing = new JwtIdentityProvider(
    [idp.issuer],
    clock,
    records,
    async (...said) => void told.push(said),
  )
  idp.failWith(503)
  await hearing.identify(await idp.token(), idp.url)
  const problem = `the keys of ${idp.url} cannot be had: ${idp.url}/.well-known/openid-configuration answers 503`
  expect(told).toEqual([[idp.url, { problem }]])
  idp.failWith(undefined)
  clock.advance(BETWEEN_ASKS_MS)
  await hearing.identify(await idp.token(), idp.url)
  // A token that is nobody's is no failure of the issuer.
  await hearing.identify(await idp.token({}, {}, await newPair('stranger')), idp.url)
  expect(told.slice(1)).toEqual([[idp.url, undefined]])
})

it('a verified token is known again until it ends', async () => {
  const token = await idp.token()
  expect(provider.remembered(token)).toBeUndefined()
  await identify(token)
  expect(provider.remembered(token)).toEqual(ALICE)
  clock.advance(359_000)
  expect(provider.remembered(token)).toEqual(ALICE)
  clock.advance(2000)
  expect(provider.remembered(token)).toBeUndefined()
})

it('a token whose key was taken back ends, however often it was seen and long it is good for', async () => {
  const token = await idp.token({ exp: Math.floor(clock.now() / 1000) + 86_400 })
  await identify(token)
  idp.publish([await newPair('second')])
  clock.advance(KEPT_FOR_MS - 1)
  expect(provider.remembered(token)).toEqual(ALICE)
  clock.advance(1)
  expect(provider.remembered(token)).toBeUndefined()
  expect(await identify(token)).toMatchObject(UNKNOWN)
})

it('that one was told all have, and the next start, whatever becomes of the issuer', async () => {
  const before = openProvider()
  await identify(await idp.token())
  const asked = [...idp.asked]
  idp.failWith(503)
  for (const other of [before, openProvider()]) {
    expect(await other.identify(await idp.token({ jti: 'other' }), idp.url)).toEqual(ALICE)
  }
  expect(idp.asked).toEqual(asked)
  clock.advance(KEPT_FOR_MS * 100)
  expect(await openProvider().identify(await idp.token({ jti: 'late' }), idp.url)).toEqual(ALICE)
})

it('that are new are found by all once one has asked', async () => {
  const other = openProvider()
  await identify(await idp.token())
  await other.identify(await idp.token(), idp.url)
  const second = await newPair('second')
  idp.publish([second])
  clock.advance(BETWEEN_ASKS_MS)
  expect(await identify(await idp.token({}, {}, second))).toEqual(ALICE)
  idp.failWith(503)
  clock.advance(BETWEEN_ASKS_MS)
  expect(await other.identify(await idp.token({}, {}, second), idp.url)).toEqual(ALICE)
  expect(
    await identify(await idp.token({ jti: 'first' }, {}, await newPair('first'))),
  ).toMatchObject({ reason: 'the token cannot be verified just now' })
})

it('are the issuer’s whose they are, however two share a name for them', async () => {
  const stranger = await startIssuer({}, () => clock.now())
  try {
    const both = openProvider([idp.issuer, stranger.issuer])
    await both.identify(await stranger.token(), stranger.url)
    idp.failWith(503)
    const forged = await idp.token({}, { kid: 'first' }, stranger.keys[0])
    expect(await openProvider().identify(forged, idp.url)).toMatchObject({
      reason: 'the token cannot be verified just now',
    })
  } finally {
    await stranger.close()
  }
})

it('that are known go on beside a login that waits for an issuer that hangs, and so do other issuers', async () => {
  const stranger = await startIssuer({}, () => clock.now())
  try {
    provider = openProvider([idp.issuer, stranger.issuer])
    await identify(await idp.token())
    idp.hang()
    clock.advance(KEPT_FOR_MS)
    let waiting = true
    const second = await newPair('second')
    const unknown = idp
      .token({}, {}, second)
      .then(identify)
      .finally(() => {
        waiting = false
      })
    for (let round = 0; round < 20; round++) {
      const jti = `${round}`
      expect(await identify(await idp.token({ jti }))).toEqual(ALICE)
      expect(await provider.identify(await stranger.token({ jti }), stranger.url)).toEqual(ALICE)
    }
    expect(waiting).toBe(true)
    expect(idp.asked).toHaveLength(3)
    // The real time: no other ends what hangs.
    const unanswered = {
      reason: 'the token cannot be verified just now',
      problem: expect.stringContaining('cannot be asked: The operation was aborted') as string,
    }
    expect(await unknown).toEqual(unanswered)
    expect(await identify(await idp.token({ jti: 'at once' }, {}, second))).toEqual(unanswered)
    expect(idp.asked).toHaveLength(3)
    clock.advance(BETWEEN_ASKS_MS)
    expect(await identify(await idp.token({ jti: 'stale' }))).toEqual(ALICE)
    expect(idp.asked).toHaveLength(4)
  } finally {
    await stranger.close()
  }
}, 30_000)

it('go on where they cannot be kept for others', async () => {
  const failing = {
    get: () => Promise.reject(new StorageError('unavailable', 'no table', undefined)),
    transact: () => Promise.reject(new StorageError('full', 'no room', undefined)),
  }
  provider = new JwtIdentityProvider([idp.issuer], clock, new IssuerKeyRecords(failing))
  expect(await identify(await idp.token())).toEqual(ALICE)
  idp.failWith(503)
  clock.advance(KEPT_FOR_MS)
  expect(await identify(await idp.token({ jti: 'again' }))).toEqual(ALICE)
})

it('are read where the owner says, and nowhere else, given a URL of theirs', async () => {
  const elsewhere = await startIssuer()
  const named = await startIssuer({ jwksURL: `${elsewhere.url}/keys` }, () => clock.now())
  try {
    elsewhere.publish(named.keys)
    provider = openProvider([named.issuer])
    expect(await provider.identify(await named.token(), named.url)).toEqual(ALICE)
    expect({ named: named.asked, elsewhere: elsewhere.asked }).toEqual({
      named: [],
      elsewhere: ['/keys'],
    })
  } finally {
    await Promise.all([named.close(), elsewhere.close()])
  }
})

it('of a private authority are believed by whoever is told of it, and of no other', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-authority-'))
  const [its, another] = ['its', 'another'].map((name) => {
    const { cert, key } = selfSigned(directory, name)
    return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') }
  }) as [{ cert: string; key: string }, { cert: string; key: string }]
  rmSync(directory, { recursive: true })
  const secure = await startIssuer({ certificateAuthority: its.cert }, () => clock.now(), its)
  try {
    const token = await secure.token()
    const { certificateAuthority: _, ...untold } = secure.issuer
    for (const issuer of [untold, { ...secure.issuer, certificateAuthority: another.cert }]) {
      const answer = await openProvider([issuer]).identify(token, secure.url)
      expect(answer).toMatchObject({ problem: expect.stringMatching(/self-signed certificate/) })
    }
    expect(secure.asked).toEqual([])
    expect(await openProvider([secure.issuer]).identify(token, secure.url)).toEqual(ALICE)
    expect(secure.asked).toEqual(['/.well-known/openid-configuration', '/keys'])
  } finally {
    await secure.close()
  }
})
