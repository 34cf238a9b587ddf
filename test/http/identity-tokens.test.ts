/** Tokens of an identity provider, in every way in which one is presented: as a password, as a Bearer token, for a token. */
import { parseProjectName } from '@sluice/core/repository-name'
import { exportSPKI, importJWK, SignJWT, UnsecuredJWT } from 'jose'
import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newPair, startIssuer, type IssuerUnderTest } from '../identity/issuer-under-test.ts'
import { json, type Answer } from './answer.ts'
import { describeDoors } from './describe-doors.ts'
import { expectRefusal } from './refusal.ts'
import { basic } from './served-registry.ts'

const ADMIN = { user: 'kube:admin', groups: ['system:cluster-admins'] }
const DENIED = 'Basic realm=openshift,error="access denied"'

let idp: IssuerUnderTest
let other: IssuerUnderTest
beforeAll(async () => {
  idp = await startIssuer()
  other = await startIssuer()
})
afterAll(async () => {
  await idp.close()
  await other.close()
})

const now = (): number => Math.floor(Date.now() / 1000)
const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** A token of any text for header and payload, signed as they stand. */
async function signedText(header: string, payload: string): Promise<string> {
  const input = `${encode(header)}.${encode(payload)}`
  const { privateKey } = idp.keys[0]!
  const bytes = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', privateKey, Buffer.from(input))
  return `${input}.${Buffer.from(bytes).toString('base64url')}`
}

const claims = (): Record<string, unknown> => ({
  iss: idp.url,
  aud: 'sluice',
  sub: 'alice',
  iat: now(),
  exp: now() + 300,
})

/** Each is refused; none is more than one step away from a token that is good. */
const ATTACKS: Readonly<Record<string, () => Promise<string>>> = {
  'alg none, without a signature': async () => new UnsecuredJWT(claims()).encode(),
  'alg none, in other letters, over a signature of another token': async () => {
    const [, payload, signature] = (await idp.token()).split('.')
    return `${encode({ alg: 'NoNe', kid: 'first' })}.${payload}.${signature}`
  },
  'a signature that was taken away': async () => (await idp.token()).replace(/[^.]+$/, ''),
  'HMAC by the public key as PEM': async () => {
    const key = await importJWK(idp.keys[0]!.publicJwk, 'RS256', { extractable: true })
    if (key instanceof Uint8Array) throw new Error('no public key')
    const input = `${encode({ alg: 'HS256', kid: 'first', typ: 'JWT' })}.${encode(claims())}`
    return `${input}.${createHmac('sha256', await exportSPKI(key))
      .update(input)
      .digest('base64url')}`
  },
  'HMAC by the public key as JWK': async () => {
    const input = `${encode({ alg: 'HS256', kid: 'first', typ: 'JWT' })}.${encode(claims())}`
    const secret = JSON.stringify(idp.keys[0]!.publicJwk)
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
  },
  'HMAC by nothing': async () =>
    new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', kid: 'first' }).sign(Buffer.alloc(32)),
  'a key that the issuer has not, under the name of one that it has': async () =>
    idp.token({}, {}, await newPair('first')),
  'a key under a name that nobody has': async () => idp.token({}, { kid: 'second' }),
  'a key under a name that is a path': async () =>
    idp.token({}, { kid: '../../../../dev/null' }, await newPair('x')),
  'a key under a name that is a URL': async () =>
    idp.token({}, { kid: `${other.url}/keys` }, other.keys[0]),
  'a key under a name of the prototype': async () =>
    idp.token({}, { kid: '__proto__' }, await newPair('x')),
  'a key under a name that is no text': async () =>
    signedText('{"alg":"RS256","kid":{"0":"first"}}', JSON.stringify(claims())),
  'a key without a name': async () => idp.token({}, { kid: undefined }, await newPair('x')),
  'a key of its own, in the header (jwk)': async () => {
    const key = await newPair('mine')
    return idp.token({}, { jwk: key.publicJwk, kid: 'mine' }, key)
  },
  'keys of its own, elsewhere (jku)': async () =>
    idp.token({}, { jku: `${other.url}/keys` }, other.keys[0]),
  'a certificate of its own (x5u, x5c)': async () =>
    idp.token({}, { x5u: `${other.url}/x5u`, x5c: ['MIIB'] }, await newPair('first')),
  'an extension that must be understood (crit)': async () => {
    const header = JSON.stringify({ alg: 'RS256', kid: 'first', crit: ['exp'], exp: 1 })
    return signedText(header, JSON.stringify(claims()))
  },
  'a payload that is not encoded (b64)': async () => {
    const header = JSON.stringify({ alg: 'RS256', kid: 'first', crit: ['b64'], b64: false })
    return signedText(header, JSON.stringify(claims()))
  },
  'what has expired': async () => idp.token({ exp: now() - 120 }),
  'what never expires': async () => idp.token({ exp: undefined }),
  'an end that is no number': async () => idp.token({ exp: '9999999999' }),
  'what is not valid yet': async () => idp.token({ nbf: now() + 120 }),
  'another audience': async () => idp.token({ aud: 'grafana' }),
  'several other audiences': async () => idp.token({ aud: ['grafana', 'SLUICE'] }),
  'no audience': async () => idp.token({ aud: undefined }),
  'another issuer': async () => idp.token({ iss: 'https://idp.example.com' }),
  'the issuer with a stroke behind': async () => idp.token({ iss: `${idp.url}/` }),
  'the issuer among others': async () => idp.token({ iss: [idp.url] }),
  'no issuer': async () => idp.token({ iss: undefined }),
  'an issuer that is trusted, and a key of another that is trusted': async () =>
    idp.token({}, { kid: 'first' }, other.keys[0]),
  'more than a token can be': async () => idp.token({ padding: 'x'.repeat(20_000) }),
  'a claim twice': async () => {
    const payload = JSON.stringify(claims()).replace('{', '{"sub":"root",')
    return signedText(JSON.stringify({ alg: 'RS256', kid: 'first' }), payload)
  },
  'a claim twice, once in other letters for the same name': async () => {
    const payload = JSON.stringify(claims()).replace('{', String.raw`{"s\u0075b":"root",`)
    return signedText(JSON.stringify({ alg: 'RS256', kid: 'first' }), payload)
  },
  'groups twice': async () => {
    const payload = JSON.stringify({ ...claims(), groups: ['dev'] })
    const twice = payload.replace('{', '{"groups":["ops"],')
    return signedText(JSON.stringify({ alg: 'RS256', kid: 'first' }), twice)
  },
  'a claim twice, deep inside of another': async () => {
    const payload = JSON.stringify({ ...claims(), realm: [{ x: 1 }] })
    const twice = payload.replace('{"x":1}', '{"x":1,"x":2}')
    return signedText(JSON.stringify({ alg: 'RS256', kid: 'first' }), twice)
  },
  'a header twice': async () =>
    signedText('{"alg":"none","alg":"RS256","kid":"first"}', JSON.stringify(claims())),
  'a header that is no object': async () => signedText('"RS256"', JSON.stringify(claims())),
  'claims that are no object': async () =>
    signedText(JSON.stringify({ alg: 'RS256', kid: 'first' }), '["alice"]'),
  'claims that are not JSON': async () =>
    signedText(JSON.stringify({ alg: 'RS256', kid: 'first' }), "{'sub':'alice'}"),
  'a token of another kind (a logout)': async () => idp.token({}, { typ: 'logout+jwt' }),
  'no user': async () => idp.token({ sub: undefined }),
  'an empty user': async () => idp.token({ sub: '' }),
  'a user that is no text': async () => idp.token({ sub: { name: 'alice' } }),
  'a user of the registry’s own': async () => idp.token({ sub: 'system:admin' }),
  'a service account': async () => idp.token({ sub: 'system:serviceaccount:default:builder' }),
  'the administrator': async () => idp.token({ sub: 'kube:admin' }),
  'the administrator in other letters': async () => idp.token({ sub: 'KUBE:admin' }),
  'a user with a line end': async () => idp.token({ sub: 'alice\nroot' }),
  'a user with a zero': async () => idp.token({ sub: 'alice\u0000' }),
  'a user that is not seen (zero width)': async () => idp.token({ sub: 'ali\u200bce' }),
  'a user that reads backwards': async () => idp.token({ sub: '\u202eecila' }),
  'a user too long': async () => idp.token({ sub: 'a'.repeat(513) }),
  'a group of administrators': async () => idp.token({ groups: ['system:cluster-admins'] }),
  'a group of masters among others': async () => idp.token({ groups: ['dev', 'system:masters'] }),
  'a group of masters in other letters': async () => idp.token({ groups: ['SYSTEM:masters'] }),
  'a group of masters with what is not seen in it': async () =>
    idp.token({ groups: ['\u200bsystem:masters'] }),
  'two groups in one, on two lines': async () => idp.token({ groups: ['dev\nsystem:masters'] }),
  'the groups of a service account': async () =>
    idp.token({ groups: ['system:serviceaccounts:default'] }),
  'everybody’s group': async () => idp.token({ groups: 'system:authenticated' }),
  'a group that is no text': async () => idp.token({ groups: [['system:masters']] }),
  'groups that are no list': async () => idp.token({ groups: { 0: 'dev' } }),
  'more groups than anybody has': async () =>
    idp.token({ groups: Array.from({ length: 600 }, (_, at) => `g${at}`) }),
}

describeDoors(
  'a token of an identity provider',
  (door) => {
    const scope = 'scope=repository:default/app:pull,push'
    const ways: Readonly<Record<string, (token: string) => Promise<Answer>>> = {
      Basic: (token) => door.ask({ path: '/v2/', as: { authorization: basic('anyone', token) } }),
      Bearer: (token) => door.ask({ path: '/v2/', as: { authorization: `Bearer ${token}` } }),
      'the token endpoint': (token) =>
        door.ask({ path: `/token?${scope}`, as: { authorization: basic('unused', token) } }),
      'the token endpoint, by a form': (token) =>
        door.ask({
          method: 'POST',
          path: '/token',
          as: 'nobody',
          headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams({
            grant_type: 'password',
            username: 'x',
            password: token,
          }).toString(),
        }),
      'a push': (token) =>
        door.ask({
          method: 'POST',
          path: '/v2/default/app/blobs/uploads/',
          as: { authorization: basic('anyone', token) },
        }),
    }

    it.each(Object.keys(ATTACKS))('is refused: %s', async (attack) => {
      const token = await ATTACKS[attack]!()
      for (const [way, present] of Object.entries(ways)) {
        const answer = await present(token)
        // A door of sockets takes no header so long, before anyone looks at what is in it.
        if (token.length > 16_384 && answer.status === 431) continue
        expect({ way, status: answer.status }).toEqual({ way, status: 401 })
        const details = expectRefusal(answer, 401, 'UNAUTHORIZED')
        expect(JSON.stringify(details)).not.toContain(token.slice(0, 20))
        expect(answer.headers['www-authenticate']).toMatch(
          /^(?:Basic realm=openshift,|Bearer realm=)/,
        )
      }
    })

    it('is a login in every way, whatever the user name says', async () => {
      for (const token of [
        await idp.token(),
        await idp.token({ aud: ['x', 'another-of-ours'] }),
        await idp.token({ exp: now() - 30, nbf: now() + 30 }, { typ: undefined }),
        await idp.token({ sub: 'Ömer 漢字' }, { typ: 'at+jwt' }),
      ]) {
        for (const way of [
          'Basic',
          'Bearer',
          'the token endpoint',
          'the token endpoint, by a form',
        ]) {
          expect({ way, status: (await ways[way]!(token)).status }).toEqual({ way, status: 200 })
        }
      }
    })

    it('opens what its user and groups have a role for, and says who else may be asked', async () => {
      const { roleBindings } = door.served.registry
      const token = await idp.token({ sub: 'bob', groups: ['dev'] })
      const as = { authorization: basic('x', token) }
      const path = '/v2/default/app/manifests/none'
      const refused = await door.ask({ path, as })
      const [detail] = expectRefusal(refused, 401, 'UNAUTHORIZED')
      expect(refused.headers['www-authenticate']).toBe(DENIED)
      expect(detail).toMatchObject([
        { Type: 'repository', Class: '', Name: 'default/app', Action: 'pull' },
      ])
      expect(JSON.stringify(detail)).toContain('registry-viewer')
      const name = 'dev-pulls'
      const content = {
        roleRef: { kind: 'ClusterRole', name: 'registry-viewer' },
        subjects: [{ kind: 'Group', name: 'dev' }],
      } as const
      await roleBindings.create(ADMIN, parseProjectName('default'), { name, content })
      expectRefusal(await door.ask({ path, as }), 404, 'NAME_UNKNOWN')
      expectRefusal(
        await door.ask({ path, as: { authorization: `Bearer ${token}` } }),
        404,
        'NAME_UNKNOWN',
      )
      const upload = { method: 'POST', path: '/v2/default/app/blobs/uploads/', as }
      expectRefusal(await door.ask(upload), 401, 'UNAUTHORIZED')
      const granted = await door.ask({ path: `/token?${scope}`, as })
      const { token: registryToken } = json(granted) as { token: string }
      const payload = JSON.parse(
        Buffer.from(registryToken.split('.')[1]!, 'base64url').toString(),
      ) as {
        access: unknown
      }
      expect(payload.access).toEqual([
        { type: 'repository', name: 'default/app', actions: ['pull'] },
      ])
      await roleBindings.remove(ADMIN, parseProjectName('default'), name)
    })

    it('is of nobody whose name only looks the same', async () => {
      const { roleBindings } = door.served.registry
      const [composed, decomposed] = ['jos\u00e9', 'jose\u0301']
      const name = 'jose-pulls'
      const content = {
        roleRef: { kind: 'ClusterRole', name: 'registry-viewer' },
        subjects: [{ kind: 'User', name: composed }],
      } as const
      await roleBindings.create(ADMIN, parseProjectName('default'), { name, content })
      const statuses = [composed, decomposed, 'josE\u0301', 'jos\u0435'].map(async (sub) => {
        const as = { authorization: basic('x', await idp.token({ sub })) }
        return (await door.ask({ path: '/v2/default/app/manifests/none', as })).status
      })
      expect(await Promise.all(statuses)).toEqual([404, 401, 401, 401])
      await roleBindings.remove(ADMIN, parseProjectName('default'), name)
    })
  },
  {},
  () => [idp.issuer, other.issuer],
)
