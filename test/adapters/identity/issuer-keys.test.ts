/** Keys of an identity provider that change, that nobody has, and that cannot be asked for. */
import { BETWEEN_ASKS_MS, KEPT_FOR_MS } from '@sluice/adapters/identity/issuer-keys'
import { JwtIdentityProvider } from '@sluice/adapters/identity/jwt-identity-provider'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { newPair, startIssuer, type IssuerUnderTest } from '../../identity/issuer-under-test.ts'
import { settableClock, type SettableClock } from '../../temporary-registry.ts'

let clock: SettableClock
let idp: IssuerUnderTest
let provider: JwtIdentityProvider

beforeEach(async () => {
  clock = settableClock()
  idp = await startIssuer({}, () => clock.now())
  provider = new JwtIdentityProvider([idp.issuer], clock)
})
afterEach(() => idp.close())

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
      expect(await identify(await idp.token({}, {}, second))).toMatchObject(UNKNOWN)
    }
    idp.failWith(undefined)
    clock.advance(BETWEEN_ASKS_MS)
    expect(await identify(await idp.token({ jti: 'later' }))).toEqual(ALICE)
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
