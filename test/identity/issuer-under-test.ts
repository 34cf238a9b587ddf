/** An identity provider on this machine, as far as a registry sees of it: its configuration, its keys, its tokens. */
import type { Issuer } from '@sluice/adapters/identity/issuer'
import { parseAuthenticationConfiguration } from '@sluice/adapters/identity/authentication-configuration'
import {
  exportJWK,
  generateKeyPair,
  SignJWT,
  type CryptoKey,
  type JWK,
  type JWTHeaderParameters,
} from 'jose'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface SigningPair {
  readonly kid: string
  readonly alg: string
  readonly privateKey: CryptoKey
  readonly publicJwk: JWK
}

export interface IssuerUnderTest {
  readonly url: string
  readonly issuer: Issuer
  /** What an owner writes to trust it. */
  readonly configuration: object
  readonly keys: readonly SigningPair[]
  /** Paths that were asked, in order. */
  readonly asked: string[]
  /** Publishes these keys and no others. */
  publish(keys: readonly SigningPair[]): void
  /** Answers every request with this until it is `undefined` again. */
  failWith(status: number | undefined): void
  /** Accepts every connection from now on, and answers none. */
  hang(): void
  /** `claims` and `header` are laid over those of a token that is good; `undefined` takes one away. */
  token(
    claims?: Readonly<Record<string, unknown>>,
    header?: Readonly<Record<string, unknown>>,
    key?: SigningPair,
  ): Promise<string>
  close(): Promise<void>
}

export const AUDIENCE = 'sluice'

export async function newPair(kid: string, alg = 'RS256'): Promise<SigningPair> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return {
    kid,
    alg,
    privateKey,
    publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' },
  }
}

export async function startIssuer(
  more: Readonly<Record<string, unknown>> = {},
  now: () => number = Date.now,
  tls?: { readonly cert: string; readonly key: string },
): Promise<IssuerUnderTest> {
  let keys: readonly SigningPair[] = [await newPair('first')]
  let failure: number | undefined
  let hangs = false
  const asked: string[] = []
  const answerTo: RequestListener = (request, response) => {
    asked.push(request.url ?? '')
    if (hangs) return
    const answers: Record<string, unknown> = {
      '/.well-known/openid-configuration': { issuer: url, jwks_uri: `${url}/keys` },
      '/keys': { keys: keys.map(({ publicJwk }) => publicJwk) },
    }
    const answer = answers[request.url ?? '']
    response.statusCode = failure ?? (answer === undefined ? 404 : 200)
    response.end(JSON.stringify(answer ?? {}))
  }
  const server = tls ? createSecureServer(tls, answerTo) : createServer(answerTo)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { clientID, certificateAuthority, ...others } = more
  const audiences = [AUDIENCE, 'another-of-ours', ...(clientID === undefined ? [] : [clientID])]
  const configuration = {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AuthenticationConfiguration',
    jwt: [
      {
        issuer: { url, audiences, certificateAuthority },
        claimMappings: { username: { claim: 'sub' }, groups: { claim: 'groups' } },
        clientID,
        ...others,
      },
    ],
  }
  const [issuer] = parseAuthenticationConfiguration(configuration)
  const token: IssuerUnderTest['token'] = async (claims = {}, header = {}, key = keys[0]) => {
    const at = Math.floor(now() / 1000)
    const good = { iss: url, aud: AUDIENCE, sub: 'alice', iat: at, nbf: at, exp: at + 300 }
    const { kid, alg, privateKey } = key!
    const head = { alg, kid, typ: 'JWT', ...header } as JWTHeaderParameters
    return new SignJWT(withoutNone({ ...good, ...claims }))
      .setProtectedHeader(withoutNone(head) as JWTHeaderParameters)
      .sign(privateKey)
  }
  return {
    url,
    issuer: issuer!,
    configuration,
    get keys() {
      return keys
    },
    asked,
    publish: (published) => {
      keys = published
    },
    failWith: (status) => {
      failure = status
    },
    hang: () => {
      hangs = true
    },
    token,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const withoutNone = (members: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
