/** oidc-provider on this machine: a real identity provider, at which anybody may log in under any name. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair } from 'jose'
import { Provider } from 'oidc-provider'

const CLIENT = 'sluice-cli'

export interface IdentityProvider {
  readonly url: string
  /** What an owner writes to have people log in there. */
  readonly configuration: { readonly jwt: readonly object[]; readonly [field: string]: unknown }
  /** Every grant that it gave: `authorization_code`, `refresh_token`, ... */
  readonly grants: string[]
  /** For how long the ID tokens last that it issues from now on. */
  idTokenSeconds: number
  /** While true it grants nothing and says so as one that is broken. */
  isBroken: boolean
  close(): Promise<void>
}

export async function startIdentityProvider(
  scopes: readonly string[] = ['openid', 'offline_access'],
): Promise<IdentityProvider> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const idp: IdentityProvider = {
    url,
    configuration: {
      apiVersion: 'apiserver.config.k8s.io/v1',
      kind: 'AuthenticationConfiguration',
      jwt: [
        {
          issuer: { url, audiences: [CLIENT] },
          claimMappings: { username: { claim: 'sub' } },
          clientID: CLIENT,
          scopes,
        },
      ],
    },
    grants: [],
    idTokenSeconds: 3600,
    isBroken: false,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  const provider = new Provider(url, {
    clients: [
      {
        client_id: CLIENT,
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        redirect_uris: ['http://127.0.0.1/callback'],
        grant_types: [
          'authorization_code',
          'refresh_token',
          'urn:ietf:params:oauth:grant-type:device_code',
        ],
      },
    ],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: 'one' }] },
    cookies: { keys: ['of no importance'] },
    features: { deviceFlow: { enabled: true }, revocation: { enabled: true } },
    // A refresh token is good once; whoever sends it again ends the whole login.
    rotateRefreshToken: true,
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
    ttl: {
      AccessToken: 3600,
      DeviceCode: 600,
      Grant: 3600,
      IdToken: () => idp.idTokenSeconds,
      Interaction: 600,
      RefreshToken: 3600,
      Session: 3600,
    },
  })
  provider.on('grant.success', ({ oidc }) => {
    idp.grants.push(String(oidc.params?.['grant_type']))
  })
  const answer = provider.callback()
  server.on('request', (request, response) => {
    if (idp.isBroken && request.url === '/token') response.writeHead(503).end()
    else void answer(request, response)
  })
  return idp
}
