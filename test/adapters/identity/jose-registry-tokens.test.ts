import { KeyObject } from 'node:crypto'
import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  CLOCK_TOLERANCE_SECONDS,
  JoseRegistryTokens,
  MAX_TOKEN_CHARACTERS,
  TOKEN_GRACE_SECONDS,
  TOKEN_LIFETIME_SECONDS,
} from '@sluice/adapters/identity/jose-registry-tokens'
import type { SigningKeys } from '@sluice/adapters/identity/signing-keys'
import type { RegistryToken } from '@sluice/core/ports/registry-tokens'
import { cpuTime } from '../../cpu-time.ts'
import { ringOf } from '../../identity/ring-of.ts'

const START = 1_800_000_000_000
const SERVICE = 'registry.example.org'
const ISSUER = 'sluice'

const CONTENT: RegistryToken = {
  identity: { user: 'kubeadmin', groups: ['system:authenticated', 'system:cluster-admins'] },
  access: [{ type: 'repository', name: 'default/app', actions: ['pull', 'push'] }],
}

async function newKeys(kid: string): Promise<SigningKeys> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  return {
    current: { kid, privateKey: KeyObject.from(privateKey) },
    publicKeys: new Map([[kid, publicKey]]),
  }
}

function decode(part: string | undefined): Record<string, unknown> {
  const claims: Record<string, unknown> = JSON.parse(
    Buffer.from(part ?? '', 'base64url').toString(),
  )
  return claims
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('JoseRegistryTokens', () => {
  let keys: SigningKeys
  let now: number
  const clock = { now: () => now }
  const create = ({
    keys: others = keys,
    ...other
  }: Partial<{ keys: SigningKeys; service: string; issuer: string }> = {}) =>
    new JoseRegistryTokens({
      ring: ringOf(others),
      service: SERVICE,
      issuer: ISSUER,
      clock,
      ...other,
    })
  const issue = async (tokens = create()) => (await tokens.issue(CONTENT)).token

  beforeAll(async () => {
    now = START
    keys = await newKeys('first')
  })

  it('gives back what it issued, the first time and from memory', async () => {
    const tokens = create()
    const { token, expiresIn } = await tokens.issue(CONTENT)
    expect(expiresIn).toBe(60)
    expect(await tokens.verify(token)).toEqual(CONTENT)
    expect(await tokens.verify(token)).toEqual(CONTENT)
    expect(await create().verify(token)).toEqual(CONTENT)
  })

  it('writes the header and the claims of the token specification', async () => {
    const [header, payload] = (await issue()).split('.')
    expect(decode(header)).toEqual({ alg: 'ES256', typ: 'JWT', kid: 'first' })
    const { jti, ...claims } = decode(payload)
    expect(jti).toMatch(/^[0-9a-f-]{36}$/)
    expect(claims).toEqual({
      iss: ISSUER,
      aud: SERVICE,
      sub: 'kubeadmin',
      groups: CONTENT.identity.groups,
      access: CONTENT.access,
      iat: START / 1000,
      nbf: START / 1000,
      exp: START / 1000 + TOKEN_LIFETIME_SECONDS,
    })
  })

  it.each(['from memory', 'by its signature'])(
    'honours a token for two minutes beyond its expiry and no longer, %s',
    async (how) => {
      const tokens = create()
      const token = await issue(tokens)
      if (how === 'from memory') await tokens.verify(token)
      const reader = how === 'from memory' ? tokens : create()
      const last =
        START + 1000 * (TOKEN_LIFETIME_SECONDS + TOKEN_GRACE_SECONDS + CLOCK_TOLERANCE_SECONDS)
      now = last - 1
      const within = how === 'from memory' ? tokens : create()
      expect(await within.verify(token)).toEqual(CONTENT)
      now = last
      expect(await reader.verify(token)).toBeUndefined()
      now = START
    },
  )

  it('refuses a token from the future', async () => {
    now = START + 3_600_000
    const token = await issue()
    now = START
    expect(await create().verify(token)).toBeUndefined()
  })

  it('refuses a token for another service or of another issuer', async () => {
    const token = await issue()
    expect(await create({ service: 'other.example.org' }).verify(token)).toBeUndefined()
    expect(await create({ issuer: 'other' }).verify(token)).toBeUndefined()
  })

  it('refuses a token that another key signed, under its own name and under ours', async () => {
    const stranger = await newKeys('stranger')
    expect(await create().verify(await issue(create({ keys: stranger })))).toBeUndefined()
    const impostor = await newKeys('first')
    expect(await create().verify(await issue(create({ keys: impostor })))).toBeUndefined()
  })

  it('accepts tokens of an older key while that key is in the set', async () => {
    const token = await issue()
    const next = await newKeys('second')
    const both = { ...next, publicKeys: new Map([...next.publicKeys, ...keys.publicKeys]) }
    expect(await create({ keys: both }).verify(token)).toEqual(CONTENT)
    expect(await create({ keys: next }).verify(token)).toBeUndefined()
  })

  it('refuses alg none and symmetric algorithms', async () => {
    const token = await issue()
    const claims = decode(token.split('.')[1])
    expect(await create().verify(new UnsecuredJWT(claims).encode())).toBeUndefined()
    const [, payload, signature] = token.split('.')
    const none = encode({ alg: 'none', typ: 'JWT', kid: 'first' })
    expect(await create().verify(`${none}.${payload}.`)).toBeUndefined()
    expect(await create().verify(`${none}.${payload}.${signature}`)).toBeUndefined()
    const symmetric = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: 'first' })
      .sign(Buffer.alloc(32))
    expect(await create().verify(symmetric)).toBeUndefined()
  })

  it('refuses a payload that was changed, and access swapped in from another token', async () => {
    const tokens = create()
    const token = await issue(tokens)
    const [header, payload, signature] = token.split('.')
    const greedy = encode({
      ...decode(payload),
      access: [{ type: 'repository', name: 'other/app', actions: ['*'] }],
    })
    const other = await tokens.issue({
      ...CONTENT,
      access: [{ type: 'repository', name: 'other/app', actions: ['pull'] }],
    })
    await tokens.verify(token)
    expect(await tokens.verify(`${header}.${greedy}.${signature}`)).toBeUndefined()
    expect(
      await tokens.verify(`${header}.${other.token.split('.')[1]}.${signature}`),
    ).toBeUndefined()
    expect(await tokens.verify(`${token}A`)).toBeUndefined()
    expect(await tokens.verify(`${header}.${payload}.`)).toBeUndefined()
  })

  it('refuses claims of a shape that it would not write, though signed with its key', async () => {
    const claims = decode((await issue()).split('.')[1])
    for (const wrong of [
      { access: 'repository:default/app:pull' },
      { access: [{ type: 'repository', name: 'default/app', actions: ['fly'] }] },
      { groups: 'system:masters' },
      { sub: undefined },
      { exp: undefined },
    ]) {
      const token = await new SignJWT({ ...claims, ...wrong })
        .setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid: 'first' })
        .sign(keys.current.privateKey)
      expect([wrong, await create().verify(token)]).toEqual([wrong, undefined])
    }
  })

  it('refuses garbage without throwing', async () => {
    const tokens = create()
    const garbage = ['', '.', '..', 'a.b.c', 'ä.ö.ü', '\0\0\0', 'eyJhbGciOiJFUzI1NiJ9..', ' ']
    for (const text of [...garbage, `${encode(null)}.${encode([])}.AA`, `${encode(1)}.e30.AA`]) {
      expect([text, await tokens.verify(text)]).toEqual([text, undefined])
    }
    const token = await issue(tokens)
    const long = `${token.split('.')[0]}.${'A'.repeat(MAX_TOKEN_CHARACTERS)}.AA`
    expect(await tokens.verify(long)).toBeUndefined()
  })

  it('checks a token in use without any signature work', async () => {
    const tokens = create()
    const token = await issue(tokens)
    await tokens.verify(token)
    const rounds = 20_000
    const spent = await cpuTime(async () => {
      for (let round = 0; round < rounds; round++) await tokens.verify(token)
    })
    // A signature check takes more than 0.05 ms, a look-up less than a hundredth of that.
    expect(spent / rounds).toBeLessThan(0.02)
  })
})
