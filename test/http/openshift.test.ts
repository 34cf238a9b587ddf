/** What OpenShift's clients ask of a registry and of a cluster, before and beside the registry's own protocol. */
import { StorageError } from '@sluice/core/ports/storage-error'
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startIssuer, type IssuerUnderTest } from '../identity/issuer-under-test.ts'
import { json, text, type Answer } from './answer.ts'
import { describeDoors } from './describe-doors.ts'
import { expectRefusal } from './refusal.ts'
import { ADMIN, basic, PASSWORD } from './served-registry.ts'

let idp: IssuerUnderTest
beforeAll(async () => {
  idp = await startIssuer()
})
afterAll(() => idp.close())

const token = (answer: Answer) => json(answer) as { token: string; access_token: string }

describeDoors(
  'the token endpoint of OpenShift',
  (door) => {
    const path = '/openshift/token'

    it('gives back the token that was presented, and nothing else', async () => {
      const presented = await idp.token()
      const scope = 'scope=repository:default/app:pull'
      const answer = await door.ask({
        path: `${path}?${scope}`,
        as: { authorization: basic('unused', presented) },
      })
      expect(answer.status).toBe(200)
      expect(json(answer)).toEqual({ access_token: presented, token: presented })
    })

    it('gives who has a password a registry token', async () => {
      const answer = await door.ask({
        path: `${path}?scope=repository:default/app:pull`,
        as: { authorization: ADMIN },
      })
      const as = { authorization: `Bearer ${token(answer).token}` }
      expect((await door.ask({ path: '/v2/', as })).status).toBe(200)
      expect((await door.ask({ path: '/v2/default/app/tags/list', as })).status).toBe(404)
    })

    it('gives strangers the token of nobody, which opens what is open to all', async () => {
      const answer = await door.ask({ path, as: 'nobody' })
      expect(json(answer)).toEqual({ access_token: 'anonymous', token: 'anonymous' })
      const as = { authorization: 'Bearer anonymous' }
      expect((await door.ask({ path: '/v2/', as })).status).toBe(200)
      expect((await door.ask({ path: '/v2/public/app/tags/list', as })).status).toBe(404)
      const denied = await door.ask({ path: '/v2/default/app/tags/list', as })
      expect(denied.status).toBe(401)
      expect(denied.headers['www-authenticate']).toBe('Basic realm=openshift,error="access denied"')
    })

    it('refuses a name of three levels before anything else, where its project has none', async () => {
      for (const as of ['nobody', { authorization: ADMIN }] as const) {
        const answer = await door.ask({ path: `${path}?scope=repository:default/a/b:pull`, as })
        expect(answer.status).toBe(401)
        expect(json(answer)).toEqual({
          details:
            'repository name "default/a/b" invalid: it must be of the format <project>/<name>',
        })
      }
      const deep = await door.ask({ path: `${path}?scope=repository:deep/a/b:pull`, as: 'nobody' })
      expect(deep.status).toBe(200)
    })

    it('takes no name for a wrong one because the storage fails', async () => {
      const { projects } = door.registry
      const admitName = projects.admitName.bind(projects)
      projects.admitName = () =>
        Promise.reject(new StorageError('unavailable', 'no answer', undefined))
      const answer = await door.ask({
        path: `${path}?scope=repository:deep/a/b:pull`,
        as: 'nobody',
      })
      projects.admitName = admitName
      expectRefusal(answer, 503, 'UNAVAILABLE')
      expect(door.served.failures.splice(0)).toHaveLength(1)
    })

    it.each([
      ['a wrong password', basic('kubeadmin', 'wrong')],
      ['a token that nobody signed', basic('x', 'e30.e30.e30')],
      ['a Bearer token', 'Bearer x'],
      ['no password', basic('kubeadmin', '')],
    ])('refuses %s without a word', async (_, authorization) => {
      const answer = await door.ask({ path, as: { authorization } })
      expect(answer.status).toBe(401)
      expect(text(answer)).toBe('')
    })

    it('takes no form', async () => {
      expect((await door.ask({ method: 'POST', path, body: 'grant_type=password' })).status).toBe(
        405,
      )
    })
  },
  {},
  () => [idp.issuer],
)

describeDoors('the login of the administrator', (door) => {
  const path = '/oauth/authorize?client_id=openshift-challenging-client&response_type=token'
  const csrf = { 'X-CSRF-Token': '1' }

  it('asks for name and password, and gives a token for a day', async () => {
    const asked = await door.ask({ path, as: 'nobody', headers: csrf })
    expect(asked.status).toBe(401)
    expect(asked.headers['www-authenticate']).toBe('Basic realm="openshift"')
    const answer = await door.ask({
      path,
      as: { authorization: basic('kubeadmin', PASSWORD) },
      headers: csrf,
    })
    expect(answer.status).toBe(302)
    const location = new URL(answer.headers['location'] ?? '')
    expect(location.pathname).toBe('/oauth/token/implicit')
    const granted = new URLSearchParams(location.hash.slice(1))
    expect(granted.get('expires_in')).toBe('86400')
    const as = { authorization: `Bearer ${granted.get('access_token')}` }
    const who = await door.ask({ path: '/apis/user.openshift.io/v1/users/~', as })
    expect(json(who)).toMatchObject({ metadata: { name: 'kube:admin' } })
    const password = { authorization: basic('whoever', granted.get('access_token') ?? '') }
    expect((await door.ask({ path: '/v2/', as: password })).status).toBe(200)
    door.clock.advance(86_461_000)
    expect((await door.ask({ path: '/v2/', as })).status).toBe(401)
  })

  it.each([
    ['no CSRF token', path, {}, basic('kubeadmin', PASSWORD), 400],
    [
      'another client',
      path.replace('challenging', 'browser'),
      csrf,
      basic('kubeadmin', PASSWORD),
      400,
    ],
    ['a wrong password', path, csrf, basic('kubeadmin', 'wrong'), 401],
  ])('refuses %s', async (_, asked, headers, authorization, status) => {
    expect((await door.ask({ path: asked, as: { authorization }, headers })).status).toBe(status)
  })

  it('is for a password alone: no token gets one that outlives it', async () => {
    const made = await door.post(
      '/api/v1/namespaces/default/serviceaccounts/builder/token',
      JSON.stringify({ spec: { expirationSeconds: 600 } }),
      { 'Content-Type': 'application/json' },
    )
    const { token } = (json(made) as { status: { token: string } }).status
    const as = { authorization: basic('builder', token) }
    expect((await door.ask({ path: '/v2/', as })).status).toBe(200)
    const refused = await door.ask({ path, as, headers: csrf })
    expect(expectRefusal(refused, 401, 'UNAUTHORIZED')).toEqual([
      'log in with name and password: a token is presented itself',
    ])
  })

  it('says where it is', async () => {
    const answer = await door.ask({ path: '/.well-known/oauth-authorization-server', as: 'nobody' })
    const { issuer, authorization_endpoint: at } = json(answer) as Record<string, string>
    expect(at).toBe(`${issuer}/oauth/authorize`)
  })
})

describeDoors('the registry as an issuer', (door) => {
  it('publishes the keys by which its tokens are verified elsewhere', async () => {
    const made = await door.ask({
      method: 'POST',
      path: '/api/v1/namespaces/default/serviceaccounts/builder/token',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ spec: { audiences: ['vault'], expirationSeconds: 600 } }),
    })
    const { token } = (json(made) as { status: { token: string } }).status
    const found = await door.ask({ path: '/.well-known/openid-configuration', as: 'nobody' })
    const { issuer, jwks_uri: uri } = json(found) as { issuer: string; jwks_uri: string }
    const keys = await door.ask({ path: new URL(uri).pathname, as: 'nobody' })
    expect(text(keys)).not.toContain('"d"')
    const { payload } = await jwtVerify(token, createLocalJWKSet(json(keys) as JSONWebKeySet), {
      issuer,
      audience: 'vault',
      currentDate: new Date(door.clock.now()),
    })
    expect(payload.sub).toBe('system:serviceaccount:default:builder')
    expect(payload['kubernetes.io']).toMatchObject({
      namespace: 'default',
      serviceaccount: { name: 'builder' },
    })
  })
})
