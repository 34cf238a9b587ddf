/** Tokens that look like the registry's own: an API token of an administrator, and a registry token, each in one thing wrong. */
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { expect, it } from 'vitest'
import { describeDoors } from './describe-doors.ts'
import type { DoorUnderTest } from './door-under-test.ts'
import { expectRefusal } from './refusal.ts'
import { basic, SERVICE } from './served-registry.ts'

type Members = Readonly<Record<string, unknown>>

/** What is laid over a token that is good; `undefined` takes a member away. */
interface Change {
  readonly claims?: Members
  readonly header?: Members
  /** Made anew, or another's. */
  readonly foreign?: boolean
}

const GOOD: Readonly<Record<string, Members>> = {
  'an API token': { aud: 'sluice-api' },
  'a registry token': {
    iss: SERVICE,
    aud: SERVICE,
    access: [{ type: 'repository', name: 'default/app', actions: ['pull'] }],
  },
}

const CHANGES: Readonly<Record<string, Change>> = {
  'of another key under our name for it': { foreign: true },
  'of a key that nobody has': { header: { kid: 'second' }, foreign: true },
  'of a key that is a path': { header: { kid: '../../keys.json' }, foreign: true },
  'of a key that is a URL': { header: { kid: 'http://127.0.0.1:1/keys' }, foreign: true },
  'of a key of the prototype': { header: { kid: 'constructor' }, foreign: true },
  'of a key without a name': { header: { kid: undefined } },
  'of keys elsewhere (jku, x5u)': {
    header: { jku: 'http://127.0.0.1:1/keys', x5u: 'http://127.0.0.1:1/x5u' },
    foreign: true,
  },
  'of another kind': { header: { typ: 'at+jwt' } },
  'with an extension that must be understood': { header: { crit: ['exp'], exp: 1 } },
  'that has expired': { claims: { exp: 1_000_000_000 } },
  'that never expires': { claims: { exp: undefined } },
  'that is not valid yet': { claims: { nbf: 9_999_999_999 } },
  'for another audience': { claims: { aud: 'vault' } },
  'for no audience': { claims: { aud: undefined } },
  'of nobody': { claims: { sub: undefined } },
  'without a number': { claims: { jti: undefined } },
  'with groups that are no list': { claims: { groups: 'system:cluster-admins' } },
}

describeDoors('a token like the registry’s own', (door) => {
  it.each(Object.keys(GOOD))('is good as it is: %s', async (kind) => {
    expect(await statuses(door, await tokenOf(door, kind, {}))).toEqual(
      kind === 'an API token' ? [200, 200] : [200, 401],
    )
  })

  it.each(
    Object.keys(GOOD).flatMap((kind) => Object.keys(CHANGES).map((change) => [kind, change])),
  )('is refused: %s %s', async (kind, change) => {
    await expectRefused(await tokenOf(door, kind, CHANGES[change]!))
  })

  it.each(Object.keys(GOOD))('is refused without a signature of ours: %s', async (kind) => {
    const claims = claimsOf(door, kind)
    await expectRefused(new UnsecuredJWT(claims).encode())
    const key = door.served.keys.publicKeys.get('first')!
    const jwk = await exportJWK(key)
    for (const secret of [await exportSPKI(key), JSON.stringify(jwk), '', jwk.x ?? '']) {
      const input = [{ alg: 'HS256', typ: 'JWT', kid: 'first' }, claims].map(encode).join('.')
      const signature = createHmac('sha256', secret).update(input).digest('base64url')
      await expectRefused(`${input}.${signature}`)
    }
    const mine = await generateKeyPair('ES256', { extractable: true })
    const header = { alg: 'ES256', typ: 'JWT', kid: 'first', jwk: await exportJWK(mine.publicKey) }
    const own = await new SignJWT(claims).setProtectedHeader(header).sign(mine.privateKey)
    await expectRefused(own)
  })

  it('is not good for the other kind', async () => {
    for (const aud of [SERVICE, [SERVICE, 'vault']]) {
      for (const iss of [SERVICE, 'http://registry']) {
        await expectRefused(await tokenOf(door, 'an API token', { claims: { aud, iss } }))
      }
    }
  })

  async function expectRefused(token: string): Promise<void> {
    expect(await statuses(door, token)).toEqual([401, 401])
    const answer = await door.ask({ path: '/v2/', as: { authorization: `Bearer ${token}` } })
    const details = expectRefusal(answer, 401, 'UNAUTHORIZED')
    expect(JSON.stringify(details)).not.toContain(token.slice(0, 20))
  }
})

/** Of the token as Bearer, and as a password. */
const statuses = (door: DoorUnderTest, token: string): Promise<number[]> =>
  Promise.all(
    [`Bearer ${token}`, basic('unused', token)].map(
      async (authorization) => (await door.ask({ path: '/v2/', as: { authorization } })).status,
    ),
  )

function claimsOf(door: DoorUnderTest, kind: string): Record<string, unknown> {
  const now = Math.floor(door.clock.now() / 1000)
  const groups = ['system:cluster-admins']
  const rest = { iat: now, nbf: now, exp: now + 60, jti: 'x' }
  return { iss: 'http://registry', sub: 'kube:admin', groups, ...rest, ...GOOD[kind] }
}

async function tokenOf(door: DoorUnderTest, kind: string, change: Change): Promise<string> {
  const { keys } = door.served
  const key = change.foreign
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    : keys.current.privateKey
  const header = { alg: 'ES256', typ: 'JWT', kid: keys.current.kid, ...change.header }
  const input = [header, { ...claimsOf(door, kind), ...change.claims }].map(encode).join('.')
  const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}

const encode = (members: object): string =>
  Buffer.from(JSON.stringify(members)).toString('base64url')
