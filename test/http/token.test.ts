import { SignJWT, UnsecuredJWT, decodeJwt, decodeProtectedHeader } from 'jose'
import { JoseRegistryTokens } from '@sluice/adapters/identity/jose-registry-tokens'
import { describe, expect, it } from 'vitest'
import type { Question } from './answer.ts'
import { bearer, tokenOf } from './bearer.ts'
import { describeDoors } from './describe-doors.ts'
import { pushImage } from './push.ts'
import { expectRefusal } from './refusal.ts'
import { ringOf } from '../identity/ring-of.ts'
import { basic, newKeys, PASSWORD, SERVICE } from './served-registry.ts'

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' }

const accessOf = (token: string): unknown => decodeJwt(token)['access']

describeDoors('the token endpoint', (door) => {
  describe.each(['/token'])('at %s', (path) => {
    it('answers GET with Basic with a token, as both names, and no refresh_token', async () => {
      const scope = 'repository:default/app:pull,push'
      const answer = await door.get(`${path}?account=kubeadmin&service=sluice&scope=${scope}`)
      expect(answer.status).toBe(200)
      expect(answer.headers['content-type']).toBe('application/json')
      expect(answer.headers['cache-control']).toBe('no-store')
      const { token, access_token: other, expires_in: lifetime, ...rest } = tokenOf(answer)
      expect(other).toBe(token)
      expect(lifetime).toBeGreaterThanOrEqual(60)
      expect(rest).toEqual({})
      expect(accessOf(token)).toEqual([
        { type: 'repository', name: 'default/app', actions: ['pull', 'push'] },
      ])
    })

    it('answers the POST form of containerd', async () => {
      const form = new URLSearchParams({
        grant_type: 'password',
        service: SERVICE,
        client_id: 'containerd-client',
        scope: 'repository:default/app:pull,push repository:default/base:pull',
        username: 'kubeadmin',
        password: PASSWORD,
      })
      const body = form.toString()
      const answer = await door.ask({ method: 'POST', path, as: 'nobody', headers: FORM, body })
      expect(answer.status).toBe(200)
      const { token, access_token: other, expires_in: lifetime, ...rest } = tokenOf(answer)
      expect(other).toBe(token)
      expect(lifetime).toBeGreaterThanOrEqual(60)
      expect(rest).toEqual({})
      expect(accessOf(token)).toHaveLength(2)
    })
  })

  it.each<[string, Readonly<Record<string, string>>, number, string]>([
    [
      'a wrong password',
      { grant_type: 'password', username: 'kubeadmin', password: 'no' },
      401,
      'UNAUTHORIZED',
    ],
    ['no password', { grant_type: 'password', username: 'kubeadmin' }, 400, 'REQUEST_INVALID'],
    ['no user', { grant_type: 'password', password: PASSWORD }, 400, 'REQUEST_INVALID'],
    [
      'a refresh token',
      { grant_type: 'refresh_token', refresh_token: 'x' },
      400,
      'REQUEST_INVALID',
    ],
    ['nothing', {}, 400, 'REQUEST_INVALID'],
  ])('refuses a form with %s', async (_, fields, status, code) => {
    const body = new URLSearchParams(fields).toString()
    const answer = await door.ask({
      method: 'POST',
      path: '/token',
      as: 'nobody',
      headers: FORM,
      body,
    })
    expectRefusal(answer, status, code)
  })

  it('refuses wrong credentials with 401, rather than giving a token of nobody', async () => {
    const as = { authorization: basic('kubeadmin', 'also wrong') }
    expectRefusal(await door.ask({ path: '/token', as }), 401, 'UNAUTHORIZED')
  })

  it('answers HEAD, and other methods with 405', async () => {
    expect((await door.head('/token')).status).toBe(200)
    const answer = await door.put('/token')
    expectRefusal(answer, 405, 'UNSUPPORTED')
    expect(answer.headers.allow).toBe('HEAD, GET, POST')
  })

  it.each<[string, readonly string[], unknown]>([
    ['no scope', [], []],
    [
      'a scope twice',
      ['repository:a/b:pull', 'repository:a/b:pull,push'],
      [
        { type: 'repository', name: 'a/b', actions: ['pull'] },
        { type: 'repository', name: 'a/b', actions: ['pull', 'push'] },
      ],
    ],
    [
      'everything',
      ['repository:default/app:*'],
      [{ type: 'repository', name: 'default/app', actions: ['pull', 'push', 'delete'] }],
    ],
    [
      'the catalogue',
      ['registry:catalog:*'],
      [{ type: 'registry', name: 'catalog', actions: ['*'] }],
    ],
    [
      'what is unknown',
      [
        'repository:a/b:fly',
        'plugin:a/b:pull',
        'registry:users:*',
        'x',
        ':::',
        'repository:A/B:pull',
      ],
      [],
    ],
    [
      'a class',
      ['repository(plugin):default/app:pull'],
      [{ type: 'repository', name: 'default/app', actions: ['pull'] }],
    ],
    [
      'a deep name',
      ['repository:deep/a/b/c:pull', 'repository:default/a/b:pull'],
      [{ type: 'repository', name: 'deep/a/b/c', actions: ['pull'] }],
    ],
  ])('grants the administrator %s as asked', async (_, scopes, access) => {
    const { authorization } = await bearer(door, scopes)
    expect(accessOf(authorization.slice('Bearer '.length))).toEqual(access)
  })

  it.each<[string, string, unknown]>([
    [
      'pull of a public project',
      'repository:public/app:pull,push,delete',
      [{ type: 'repository', name: 'public/app', actions: ['pull'] }],
    ],
    ['nothing of a private one', 'repository:default/app:pull', []],
    ['nothing of one that is not there', 'repository:nowhere/app:pull', []],
  ])('grants nobody %s', async (_, scope, access) => {
    const { authorization } = await bearer(door, [scope], 'nobody')
    expect(accessOf(authorization.slice('Bearer '.length))).toEqual(access)
  })
})

describeDoors('registry tokens', (door) => {
  const PATH = '/v2/default/app/tags/list'
  const SCOPE = 'repository:default/app:pull'
  const ask = (authorization: string, path = PATH, method = 'GET') =>
    door.ask({ method, path, as: { authorization } })

  async function expectInvalid(authorization: string) {
    const answer = await ask(authorization)
    expectRefusal(answer, 401, 'UNAUTHORIZED')
    const challenge = answer.headers['www-authenticate']
    expect(challenge).toMatch(/^Bearer realm="http:\/\/[^"]+\/token",service="sluice",/)
    expect(challenge).toContain('error="invalid_token"')
  }

  const claims = () => {
    const now = Math.floor(door.clock.now() / 1000)
    return {
      iat: now,
      nbf: now,
      exp: now + 60,
      jti: 'id',
      sub: 'kubeadmin',
      iss: SERVICE,
      aud: SERVICE,
    }
  }
  const content = {
    groups: ['system:cluster-admins'],
    access: [{ type: 'repository', name: 'default/app', actions: ['pull'] }],
  }

  it('let through what they carry, and nothing else', async () => {
    await pushImage(door, 'default/app', { reference: 'one' })
    await pushImage(door, 'default/other', { reference: 'one' })
    const { authorization } = await bearer(door, [SCOPE])
    expect((await ask(authorization)).status).toBe(200)
    expect((await ask(authorization.replace('Bearer', 'bearer'))).status).toBe(200)
    const others: Question[] = [
      { path: '/v2/default/other/tags/list' },
      { path: '/v2/default/app/blobs/uploads/', method: 'POST' },
      { path: '/v2/default/app/manifests/one', method: 'DELETE' },
      { path: '/v2/_catalog' },
    ]
    for (const question of others) {
      const answer = await door.ask({ ...question, as: { authorization } })
      expectRefusal(answer, 401, 'UNAUTHORIZED')
      expect(answer.headers['www-authenticate']).toContain('error="insufficient_scope"')
    }
  })

  it('are asked for with the scope that is missing', async () => {
    const { authorization } = await bearer(door, [SCOPE])
    const answer = await ask(authorization, '/v2/default/app/blobs/uploads/', 'POST')
    expect(answer.headers['www-authenticate']).toContain('scope="repository:default/app:pull,push"')
  })

  it('run out after their life and the time that slow clients are given', async () => {
    const { authorization } = await bearer(door, [SCOPE])
    const seconds = tokenOf(await door.get('/token')).expires_in
    door.clock.advance(seconds * 1000)
    expect((await ask(authorization)).status).toBe(200)
    door.clock.advance(131_000)
    await expectInvalid(authorization)
  })

  it('are refused with another audience, another issuer or another key', async () => {
    const { keys, parts } = door.served
    const { clock } = door
    const identity = { user: 'kubeadmin', groups: content.groups }
    const access = [{ type: 'repository', name: 'default/app', actions: ['pull'] }] as const
    const issue = async (other: Partial<ConstructorParameters<typeof JoseRegistryTokens>[0]>) => {
      const tokens = new JoseRegistryTokens({
        ring: ringOf(keys),
        service: SERVICE,
        issuer: SERVICE,
        clock,
        ...other,
      })
      return `Bearer ${(await tokens.issue({ identity, access })).token}`
    }
    expect((await ask(await issue({}))).status).toBe(200)
    expect(parts.service).toBe(SERVICE)
    await expectInvalid(await issue({ service: 'another' }))
    const denied = await ask(await issue({ issuer: 'another' }))
    expectRefusal(denied, 401, 'UNAUTHORIZED')
    expect(denied.headers['www-authenticate']).toBe('Basic realm=openshift,error="access denied"')
    await expectInvalid(await issue({ ring: ringOf(await newKeys('second')) }))
    await expectInvalid(await issue({ ring: ringOf(await newKeys('first')) }))
  })

  it('are refused without a signature (`alg: none`), and with a secret for a signature', async () => {
    await expectInvalid(`Bearer ${new UnsecuredJWT({ ...claims(), ...content }).encode()}`)
    const secret = await new SignJWT({ ...claims(), ...content })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: 'first' })
      .sign(Buffer.from('a secret of thirty-two characters'))
    await expectInvalid(`Bearer ${secret}`)
    const { authorization } = await bearer(door, [SCOPE])
    const [, payload, signature] = authorization.slice('Bearer '.length).split('.')
    const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url')
    await expectInvalid(`Bearer ${none}.${payload}.`)
    await expectInvalid(`Bearer ${none}.${payload}.${signature}`)
  })

  it('are refused when their repository is swapped', async () => {
    const { authorization } = await bearer(door, ['repository:default/other:pull'])
    const token = authorization.slice('Bearer '.length)
    expect(decodeProtectedHeader(token).alg).toBe('ES256')
    const [header, , signature] = token.split('.')
    const swapped = JSON.stringify({ ...decodeJwt(token), ...content })
    await expectInvalid(
      `Bearer ${header}.${Buffer.from(swapped).toString('base64url')}.${signature}`,
    )
  })

  it.each(['Bearer x', 'Bearer a.b.c', 'Bearer ..', `Bearer ${'a'.repeat(8000)}`])(
    'are refused when they are none: %.20s',
    async (authorization) => {
      await expectInvalid(authorization)
    },
  )

  it('let strangers pull from public projects, and do nothing more', async () => {
    const { digest } = await pushImage(door, 'public/app', { reference: 'one' })
    const path = '/v2/public/app/manifests/one'
    expect((await door.ask({ path, as: 'nobody' })).status).toBe(401)
    const as = await bearer(door, ['repository:public/app:pull,push,delete'], 'nobody')
    expect((await door.ask({ path, as })).headers['docker-content-digest']).toBe(digest)
    for (const [method, refused] of [
      ['DELETE', path],
      ['POST', '/v2/public/app/blobs/uploads/'],
      ['PUT', '/v2/public/app/manifests/two'],
      ['GET', PATH],
    ] as const) {
      expect((await door.ask({ method, path: refused, as })).status).toBe(401)
    }
  })

  it('are not needed where name and password come with the request', async () => {
    expect((await door.get(PATH)).status).toBe(200)
    expect((await door.delete('/v2/default/app/manifests/one')).status).toBe(202)
  })
})

describeDoors('failed logins', (door) => {
  it('are limited at their address, with the time to wait, and do not lock the owner out', async () => {
    const guess = (at: number) =>
      door.ask({ path: '/token', as: { authorization: basic('kubeadmin', `guess ${at}`) } })
    const answers = []
    for (let at = 0; at < 12; at++) answers.push(await guess(at))
    const statuses = answers.map((answer) => answer.status)
    expect(statuses.slice(0, 10)).toEqual(statuses.slice(0, 10).map(() => 401))
    for (const answer of answers.slice(10)) {
      expectRefusal(answer, 429, 'TOOMANYREQUESTS')
      expect(answer.headers['retry-after']).toBe('1')
      expect(answer.headers['www-authenticate']).toBeUndefined()
    }
    // The owner, at the very address that guesses.
    expect((await door.get('/token')).status).toBe(200)
    expect((await door.get('/v2/')).status).toBe(200)
    door.clock.advance(2000)
    expect((await guess(99)).status).toBe(401)
  })
})
