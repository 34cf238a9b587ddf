import { parseAuthenticationConfiguration } from '@sluice/adapters/identity/authentication-configuration'
import { expect, it } from 'vitest'
import { authenticationText } from '../../infra/authentication.ts'

const parsed = (...issuers: Parameters<typeof authenticationText>[0]) =>
  parseAuthenticationConfiguration(JSON.parse(authenticationText(issuers)))

it('what an owner says of an issuer is what the doors read', () => {
  const issuer = { url: 'https://idp.example.com', audiences: ['sluice'] }
  expect(parsed(issuer)[0]).toMatchObject({
    ...issuer,
    username: { claim: 'sub', prefix: '' },
    required: {},
  })
  const more = {
    ...issuer,
    username: { claim: 'email', prefix: 'idp:' },
    groups: { claim: 'groups' },
    required: { hd: 'example.com' },
    algorithms: ['ES256'],
    jwksUrl: 'https://idp.example.com/keys',
    clientId: 'sluice',
    scopes: ['openid', 'groups'],
  }
  expect(parsed(more)[0]).toMatchObject({ ...more, groups: { claim: 'groups', prefix: '' } })
})

it('what no door would read is refused before it is deployed', () => {
  expect(() =>
    parsed({ url: 'https://idp.example.com', audiences: ['a'], algorithms: ['HS256'] }),
  ).toThrow('algorithms')
})
