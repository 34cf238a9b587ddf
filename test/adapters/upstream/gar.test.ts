/** Logins that Google gives a service account: to its own registry and to no other host. */
import { once } from 'node:events'
import { readFileSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Upstream } from '@sluice/core/ports/upstream'
import { exportPKCS8, generateKeyPair, jwtVerify, type CryptoKey } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { selfSigned } from '../../server/self-signed.ts'
import { BLOB, CALLS, REPOSITORY } from '../../upstream/calls.ts'
import { expectFailure } from '../../upstream/expect-failure.ts'
import { lookupOf } from '../../upstream/lookups.ts'
import { openDialer } from '../../upstream/open-dialer.ts'
import { startSecureUpstream, type SecureUpstream } from '../../upstream/start-secure-upstream.ts'
import { makeImage, putImage } from '../../upstream/upstream-content.ts'
import { upstreamSettings } from '../../upstream/upstream-settings.ts'

const GAR = 'europe-west1-docker.pkg.dev'
const TOKEN = 'ya29.of-the-robot'
const EMAIL = 'robot@project.iam.gserviceaccount.com'
const USER = 'oauth2accesstoken'

let secure: SecureUpstream
let keys: { readonly privateKey: CryptoKey; readonly publicKey: CryptoKey }
let pem: string
let google: Server
/** What the token endpoint was asked. */
const asked: URLSearchParams[] = []
let answer: { status: number; body: string }

beforeAll(async () => {
  keys = await generateKeyPair('RS256', { extractable: true })
  pem = await exportPKCS8(keys.privateKey)
  const directory = mkdtempSync(join(tmpdir(), 'sluice-google-'))
  const files = selfSigned(directory)
  const tls = { cert: readFileSync(files.cert), key: readFileSync(files.key) }
  rmSync(directory, { recursive: true })
  google = createServer(tls, (request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      asked.push(new URLSearchParams(Buffer.concat(pieces).toString()))
      response.writeHead(answer.status, { 'content-type': 'application/json' })
      response.end(answer.body)
    })
  })
  google.listen(0, '127.0.0.1')
  await once(google, 'listening')
})
afterAll(() => {
  google.closeAllConnections()
  google.close()
})
beforeEach(async () => {
  asked.length = 0
  answer = {
    status: 200,
    body: JSON.stringify({ access_token: TOKEN, expires_in: 3599, token_type: 'Bearer' }),
  }
  secure = await startSecureUpstream()
  await putImage(secure.upstream.content, REPOSITORY, 'v1', makeImage([BLOB]))
  secure.upstream.login = { kind: 'basic', user: USER, password: TOKEN }
})
afterEach(() => secure.close())

const tokenUri = (host = 'oauth2.googleapis.com'): string =>
  `https://${host}:${(google.address() as AddressInfo).port}/token`

const keyFile = (more: object = {}): string =>
  JSON.stringify(
    {
      type: 'service_account',
      private_key_id: 'k1',
      private_key: pem,
      client_email: EMAIL,
      token_uri: tokenUri(),
      ...more,
    },
    undefined,
    2,
  )

function dial(host = GAR, secret: string | undefined = keyFile(), scheme = 'https') {
  const opened = openDialer({ lookup: lookupOf('127.0.0.1') })
  if (secret !== undefined) opened.secrets.set('robot', secret)
  const url = `${scheme}://${host}:${new URL(secure.upstream.url).port}`
  const credentials = { type: 'gar', secretName: 'robot' } as const
  // The certificates are for 127.0.0.1.
  const settings = upstreamSettings(url, { insecure: true, credentials })
  const upstream: Upstream = opened.dialer.dial('gar', settings)
  return { ...opened, upstream }
}

describe("a login of Google's Artifact Registry", () => {
  it("is fetched once, for what the account's key has signed, and sent", async () => {
    const { upstream } = dial()
    for (const call of Object.values(CALLS)) await call(upstream)
    expect(asked).toHaveLength(1)
    const [form] = asked
    expect(form?.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
    const { payload, protectedHeader } = await jwtVerify(
      form?.get('assertion') ?? '',
      keys.publicKey,
      { issuer: EMAIL, audience: tokenUri(), maxTokenAge: 60 },
    )
    expect(payload['scope']).toBe('https://www.googleapis.com/auth/cloud-platform.read-only')
    expect(protectedHeader).toMatchObject({ alg: 'RS256', kid: 'k1' })
    const sent = `Basic ${Buffer.from(`${USER}:${TOKEN}`).toString('base64')}`
    expect(secure.upstream.requests.at(-1)?.headers.authorization).toBe(sent)
  })

  it('that is refused is fetched anew once', async () => {
    const { upstream } = dial()
    await CALLS['tags']!(upstream)
    secure.upstream.login = { kind: 'basic', user: USER, password: 'other' }
    await expectFailure(CALLS['tags']!(upstream), 'refusing')
    expect(asked).toHaveLength(2)
  })

  it.each([
    'registry.example.com',
    '127.0.0.1',
    `${GAR}.evil.com`,
    'evil-docker.pkg.dev.evil.com',
    'gcr.io.evil.com',
    'xgcr.io',
    'docker.pkg.dev',
  ])('is not for %s', async (host) => {
    const { upstream } = dial(host)
    for (const call of Object.values(CALLS)) await expectFailure(call(upstream), 'forbidden')
    expect(asked).toEqual([])
    expect(secure.upstream.requests.filter(({ headers }) => headers.authorization)).toEqual([])
  })

  it.each(['gcr.io', 'eu.gcr.io'])('is for %s as well', async (host) => {
    expect(await CALLS['tags']!(dial(host).upstream)).toEqual(['v1'])
  })

  it.each([
    ['is not there', () => undefined],
    ['is no JSON', () => 'robot:password'],
    ['lacks its account', () => keyFile({ client_email: undefined })],
    ['holds no key', () => keyFile({ private_key: 'none' })],
    ['asks for its token elsewhere', () => keyFile({ token_uri: tokenUri('evil.example') })],
    [
      'asks for its token in the clear',
      () => keyFile({ token_uri: tokenUri().replace('https', 'http') }),
    ],
  ])('is refused where the secret %s', async (_, secret) => {
    const { upstream, secrets } = dial()
    secrets.delete('robot')
    const text = secret()
    if (text !== undefined) secrets.set('robot', text)
    await expectFailure(CALLS['tags']!(upstream), 'forbidden')
    expect(asked).toEqual([])
  })

  it.each([
    [400, '{"error":"invalid_grant"}', 'refusing'],
    [503, '', 'failing'],
    [200, '{"id_token":"x"}', 'lying'],
    [200, 'null', 'lying'],
    [200, '{"access_token":"a\\r\\nHost: x","expires_in":3599}', 'lying'],
  ] as const)('is none where Google answers %i %s', async (status, body, reason) => {
    answer = { status, body }
    const failure = await CALLS['tags']!(dial().upstream).catch((error: unknown) => error)
    expect(failure).toMatchObject({ reason })
    expect(JSON.stringify(failure) + String(failure)).not.toMatch(/PRIVATE|invalid_grant|ya29/)
  })
})
