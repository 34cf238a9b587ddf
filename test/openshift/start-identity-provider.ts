/** oidc-provider on this machine: a real identity provider, whose people log in with a browser and a code on another device. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair } from 'jose'
import { Provider } from 'oidc-provider'
import { browse } from '../cli/browse.ts'

export const CLIENT = 'sluice-cli'
/** Whose ID tokens are for somebody else. */
export const OTHER_CLIENT = 'dashboard'

const SCOPES = 'openid groups'
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

export interface IdentityProvider {
  /** What an owner writes to trust it. */
  readonly configuration: object
  /** Logs the user in; the ID token that the client gets, good for an hour. */
  idToken(user: string, client?: string): Promise<string>
  close(): Promise<void>
}

/** `groups`: of each user that is in any. */
export async function startIdentityProvider(
  groups: Readonly<Record<string, readonly string[]>>,
): Promise<IdentityProvider> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const provider = new Provider(url, {
    clients: [CLIENT, OTHER_CLIENT].map((client) => ({
      client_id: client,
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      redirect_uris: [],
      response_types: [],
      grant_types: [DEVICE_GRANT],
    })),
    jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: 'one' }] },
    cookies: { keys: ['of no importance'] },
    features: { deviceFlow: { enabled: true } },
    claims: { openid: ['sub'], groups: ['groups'] },
    scopes: SCOPES.split(' '),
    // As most providers do: what the scopes give is in the ID token, not only at /me.
    conformIdTokenClaims: false,
    findAccount: (_, sub) => ({
      accountId: sub,
      claims: () => ({ sub, groups: [...(groups[sub] ?? [])] }),
    }),
    ttl: {
      AccessToken: 3600,
      DeviceCode: 600,
      Grant: 3600,
      IdToken: 3600,
      Interaction: 600,
      Session: 3600,
    },
  })
  const answer = provider.callback()
  server.on('request', (request, response) => void answer(request, response))

  const send = async (path: string, form: Record<string, string>) => {
    const answered = await fetch(`${url}${path}`, {
      method: 'POST',
      body: new URLSearchParams(form),
    })
    const told = (await answered.json()) as Readonly<Record<string, string>>
    if (!answered.ok) throw new Error(`${path} answers ${JSON.stringify(told)}`)
    return told
  }
  return {
    configuration: {
      apiVersion: 'apiserver.config.k8s.io/v1',
      kind: 'AuthenticationConfiguration',
      jwt: [
        {
          issuer: { url, audiences: [CLIENT] },
          claimMappings: { username: { claim: 'sub' }, groups: { claim: 'groups' } },
          clientID: CLIENT,
          scopes: SCOPES.split(' '),
        },
      ],
    },
    async idToken(user, client = CLIENT) {
      const asked = await send('/device/auth', { client_id: client, scope: SCOPES })
      await browse(asked['verification_uri_complete'] ?? '', user)
      const grant = { grant_type: DEVICE_GRANT, device_code: asked['device_code'] ?? '' }
      return (await send('/token', { client_id: client, ...grant }))['id_token'] ?? ''
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
