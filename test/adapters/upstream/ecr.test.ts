/** Logins that AWS gives: to ECR and to no other host. */
import type { FetchEcrLogin } from '@sluice/adapters/upstream/ecr-login'
import { ecrRegion } from '@sluice/adapters/upstream/ecr-region'
import type { Upstream } from '@sluice/core/ports/upstream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BLOB, CALLS, REPOSITORY } from '../../upstream/calls.ts'
import { expectFailure } from '../../upstream/expect-failure.ts'
import { lookupOf } from '../../upstream/lookups.ts'
import { openDialer } from '../../upstream/open-dialer.ts'
import { startSecureUpstream, type SecureUpstream } from '../../upstream/start-secure-upstream.ts'
import { makeImage, putImage } from '../../upstream/upstream-content.ts'
import { upstreamSettings } from '../../upstream/upstream-settings.ts'

const ECR = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
const LOGIN = Buffer.from('AWS:pass:word').toString('base64')

let secure: SecureUpstream
beforeEach(async () => {
  secure = await startSecureUpstream()
  await putImage(secure.upstream.content, REPOSITORY, 'v1', makeImage([BLOB]))
  secure.upstream.login = { kind: 'basic', user: 'AWS', password: 'pass:word' }
})
afterEach(() => secure.close())

const asked: string[] = []
beforeEach(() => void asked.splice(0))
const fetchEcrLogin: FetchEcrLogin = (region) => {
  asked.push(region)
  return Promise.resolve({ authorizationToken: LOGIN, expiresAt: Date.now() + 43_200_000 })
}

function dial(host: string, options: { readonly fetchEcrLogin?: FetchEcrLogin }, scheme = 'https') {
  const opened = openDialer({ lookup: lookupOf('127.0.0.1'), ...options })
  const url = `${scheme}://${host}:${new URL(secure.upstream.url).port}`
  // The certificate is for 127.0.0.1.
  const settings = upstreamSettings(url, { insecure: true, credentials: { type: 'ecr' } })
  const upstream: Upstream = opened.dialer.dial('ecr', settings)
  return { ...opened, upstream }
}

const failing: FetchEcrLogin = () => Promise.reject(new TypeError(`not with ${LOGIN}`))
const broken: FetchEcrLogin = () =>
  Promise.resolve({ authorizationToken: 'QVdT\r\nHost: x', expiresAt: Infinity })

describe('a login of ECR', () => {
  it('is fetched once for its region, and sent', async () => {
    const { upstream } = dial(ECR, { fetchEcrLogin })
    for (const call of Object.values(CALLS)) await call(upstream)
    expect(asked).toEqual(['eu-west-1'])
    expect(secure.upstream.requests.at(-1)?.headers.authorization).toBe(`Basic ${LOGIN}`)
  })

  it('that is refused is fetched anew once', async () => {
    const { upstream } = dial(ECR, { fetchEcrLogin })
    await CALLS['tags']!(upstream)
    secure.upstream.login = { kind: 'basic', user: 'AWS', password: 'other' }
    await expectFailure(CALLS['tags']!(upstream), 'refusing')
    expect(asked).toHaveLength(2)
  })

  it.each([
    'registry.example.com',
    '127.0.0.1',
    `${ECR}.evil.com`,
    '123456789012.dkr.ecr.eu-west-1.evil.com',
    '123456789012.dkr.ecr.evil.com',
    'x.123456789012.dkr.ecr.eu-west-1.amazonaws.com',
    'public.ecr.aws',
  ])('is not for %s', async (host) => {
    const { upstream } = dial(host, { fetchEcrLogin })
    for (const call of Object.values(CALLS)) await expectFailure(call(upstream), 'forbidden')
    expect(asked).toEqual([])
    expect(secure.upstream.requests.filter(({ headers }) => headers.authorization)).toEqual([])
  })

  it('is refused where AWS gives none', async () => {
    await expectFailure(CALLS['tags']!(dial(ECR, {}).upstream), 'forbidden')
    const { upstream, problems } = dial(ECR, { fetchEcrLogin: failing })
    await expectFailure(CALLS['tags']!(upstream), 'refusing')
    expect(problems).toEqual(['upstream ecr: no login of ECR: TypeError'])
  })

  it('that no header can hold is none', async () => {
    const { upstream } = dial(ECR, { fetchEcrLogin: broken })
    await expectFailure(CALLS['tags']!(upstream), 'lying')
  })
})

describe('a host of ECR', () => {
  it.each([
    [ECR, 'eu-west-1'],
    ['123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
    ['123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
    ['123456789012.dkr-ecr.us-east-2.on.aws', 'us-east-2'],
    ['12345678901.dkr.ecr.eu-west-1.amazonaws.com', undefined],
    ['123456789012.dkr.ecr.eu.west.amazonaws.com', undefined],
    ['123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil', undefined],
  ])('%s is in %s', (host, region) => {
    expect(ecrRegion(host)).toBe(region)
  })
})
