import type { Issuer } from '@sluice/adapters/identity/issuer'
import { parseAuthenticationConfiguration } from '@sluice/adapters/identity/authentication-configuration'
import { expect, it } from 'vitest'
import { json } from '../answer.ts'
import { describeDoors } from '../describe-doors.ts'

const PATH = '/apis/sluice.dev/v1/issuers'

const entry = (name: string, more: object) => ({
  issuer: { url: `https://${name}.example.com`, audiences: ['cli'] },
  claimValidationRules: [{ claim: 'hd', requiredValue: 'hidden' }],
  jwksURL: 'https://hidden.example.com/keys',
  ...more,
})

const told = (name: string, scopes: readonly string[]) => ({
  kind: 'Issuer',
  apiVersion: 'sluice.dev/v1',
  metadata: { name: `https://${name}.example.com` },
  spec: { clientID: 'cli', scopes },
})

const issuers = (): readonly Issuer[] =>
  parseAuthenticationConfiguration({
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AuthenticationConfiguration',
    jwt: [
      entry('people', { clientID: 'cli' }),
      entry('machines', {}),
      entry('more', { clientID: 'cli', scopes: ['openid', 'groups'] }),
    ],
  })

describeDoors(
  'the issuers',
  (door) => {
    it('where people log in are told to anybody, with nothing but what a login needs', async () => {
      const answer = await door.ask({ path: PATH, as: 'nobody' })
      expect(answer.status).toBe(200)
      expect(json(answer)).toEqual({
        kind: 'IssuerList',
        apiVersion: 'sluice.dev/v1',
        metadata: {},
        items: [told('people', ['openid', 'profile', 'email']), told('more', ['openid', 'groups'])],
      })
    })

    it('are told by no other method, and to nobody with a bad token', async () => {
      expect((await door.ask({ method: 'POST', path: PATH, as: 'nobody' })).status).toBe(405)
      expect((await door.ask({ path: PATH, as: { authorization: 'Bearer x' } })).status).toBe(401)
    })
  },
  {},
  issuers,
)
