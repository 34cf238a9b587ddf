/** What an owner may say of an issuer, and whom its tokens then speak of. */
import { parseAuthenticationConfiguration } from '@sluice/adapters/identity/authentication-configuration'
import { identityOfClaims } from '@sluice/adapters/identity/identity-of-claims'
import { expect, it } from 'vitest'

const configuration = (...jwt: readonly unknown[]) => ({
  apiVersion: 'apiserver.config.k8s.io/v1',
  kind: 'AuthenticationConfiguration',
  jwt,
})
const issuer = { url: 'https://idp.example.com', audiences: ['sluice'] }

it('maps names with prefixes, joins groups, and asks for claims', () => {
  const [one] = parseAuthenticationConfiguration(
    configuration({
      issuer,
      claimMappings: {
        username: { claim: 'email', prefix: 'idp:' },
        groups: { claim: 'roles', prefix: 'idp:' },
      },
      claimValidationRules: [{ claim: 'hd', requiredValue: 'example.com' }],
      clientID: 'sluice',
    }),
  )
  const good = { sub: '42', email: 'a@example.com', email_verified: true, hd: 'example.com' }
  const groups = ['system:authenticated:oauth', 'system:authenticated']
  expect(identityOfClaims({ ...good, roles: ['dev', 'dev'] }, one!)).toEqual({
    user: 'idp:a@example.com',
    groups: ['idp:dev', ...groups],
    uid: '42',
  })
  expect(identityOfClaims({ ...good, roles: 'dev' }, one!)).toMatchObject({
    groups: ['idp:dev', ...groups],
  })
  expect(identityOfClaims(good, one!)).toMatchObject({ groups })
  for (const wrong of [
    { hd: 'example.org' },
    { hd: ['example.com'] },
    { hd: undefined },
    { email_verified: false },
    { email_verified: 'true' },
    { email: undefined },
  ]) {
    expect(identityOfClaims({ ...good, ...wrong }, one!)).toBeTypeOf('string')
  }
})

it.each<[string, unknown, string]>([
  ['nothing', undefined, 'the configuration is no mapping'],
  ['another kind', { apiVersion: 'v1', kind: 'Config', jwt: [] }, 'apiVersion is not'],
  ['no url', configuration({ issuer: { audiences: ['x'] } }), 'jwt[0].issuer.url is missing'],
  [
    'http',
    configuration({ issuer: { ...issuer, url: 'http://idp.example.com' } }),
    'jwt[0].issuer.url is no https',
  ],
  [
    'a password in it',
    configuration({ issuer: { ...issuer, url: 'https://u:secret@idp' } }),
    'jwt[0].issuer.url holds more',
  ],
  [
    'no audience',
    configuration({ issuer: { url: issuer.url, audiences: [] } }),
    'jwt[0].issuer.audiences is empty',
  ],
  [
    'a client whose ID tokens it would not take',
    configuration({ issuer, clientID: 'secret' }),
    'jwt[0].clientID is not among jwt[0].issuer.audiences',
  ],
  [
    'logins without an ID token',
    configuration({ issuer, clientID: 'sluice', scopes: ['profile'] }),
    'jwt[0].scopes has no openid',
  ],
  ['HMAC', configuration({ issuer, algorithms: ['HS256'] }), 'jwt[0].algorithms holds one'],
  ['alg none', configuration({ issuer, algorithms: ['none'] }), 'jwt[0].algorithms holds one'],
  [
    'what nobody knows',
    configuration({ issuer, claimMapping: {} }),
    'jwt[0].claimMapping is unknown',
  ],
  [
    'one twice',
    configuration({ issuer }, { issuer }),
    'jwt[1].issuer.url is the url of an issuer before it',
  ],
  [
    'no value',
    configuration({ issuer, claimValidationRules: [{ claim: 'hd' }] }),
    'jwt[0].claimValidationRules[0].requiredValue is missing',
  ],
])('refuses %s by its field, and tells no value', (_, parsed, message) => {
  const parse = () => parseAuthenticationConfiguration(parsed)
  expect(parse).toThrow(message)
  expect(parse).not.toThrow('secret')
})
