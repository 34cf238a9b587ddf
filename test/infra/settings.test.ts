import { describe, expect, it } from 'vitest'
import { deploymentOf, outlineOf, type Settings } from '../../infra/deployment.ts'
import { settings } from '../../infra/settings.ts'

type Own = Partial<Settings['stages'][string]>

const CERTIFICATE =
  'arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef'

const withOwn = (own: Own, more: Partial<Settings> = {}): Settings => ({
  ...settings,
  stages: {
    production: { hostName: 'registry.sluice.test', ...own },
    dev: { hostName: 'registry-dev.sluice.test' },
  },
  ...more,
})

const problems = (from: Settings, stage = 'production'): string[] => {
  try {
    deploymentOf(stage, from)
    return []
  } catch (error) {
    return (error as Error).message.split('\n  ').slice(1)
  }
}

describe('the settings', () => {
  it('are refused as they come, since their host name is nobody’s', () => {
    expect(problems(settings)).toEqual([
      'hostName is "registry.example.com": wanted is a name of your own',
    ])
  })

  it('are good once the host name is changed', () => {
    const deployment = deploymentOf('production', withOwn({}))
    expect(deployment).toMatchObject({ production: true, hostName: 'registry.sluice.test' })
    expect(deploymentOf('dev', withOwn({}))).toMatchObject({ production: false })
  })

  it('let a stage have its own way', () => {
    const own = { uploadDoor: 'web-function', region: 'us-east-1', logRetentionDays: 7 } as const
    expect(deploymentOf('production', withOwn(own))).toMatchObject({ ...own, sweepMinutes: 60 })
    expect(deploymentOf('dev', withOwn(own)).region).toBe('eu-west-1')
  })

  it.for<[what: string, own: Own, problem: RegExp]>([
    ['a region that is none', { region: 'Ireland' }, /^region is "Ireland": wanted is a region/],
    ['a host name with a scheme', { hostName: 'https://a.b' }, /^hostName is "https:\/\/a\.b"/],
    ['a host name in capitals', { hostName: 'Registry.sluice.test' }, /^hostName is .*lower case/],
    [
      'a host name too long',
      { hostName: `${'a'.repeat(60)}.test` },
      /^hostName is .*64 characters/,
    ],
    ['a dns that is none', { dns: 'cloudflare' as 'manual' }, /^dns .*one of route53, manual$/],
    [
      'manual dns without a certificate',
      { dns: 'manual' },
      /^certificateArn is missing.*dns is manual/,
    ],
    [
      'a certificate of another region',
      { certificateArn: CERTIFICATE.replace('us-east-1', 'eu-west-1') },
      /^certificateArn is .*us-east-1/,
    ],
    [
      'a door that is none',
      { uploadDoor: 'ec2' as 'off' },
      /^uploadDoor .*fargate, web-function, off/,
    ],
    [
      'more containers in quiet hours than at most',
      { fargate: { cpu: '1 vCPU', memory: '2 GB', min: 3, max: 2 } },
      /^fargate\.max is 2: wanted is a whole number from 3 to 50$/,
    ],
    [
      'no container',
      { fargate: { cpu: '1 vCPU', memory: '2 GB', min: 0, max: 2 } },
      /^fargate\.min is 0/,
    ],
    [
      'an issuer over http',
      { issuers: [{ url: 'http://idp.sluice.test', audiences: ['a'] }] },
      /^issuers\[0\]\.url .*https/,
    ],
    [
      'an issuer for nobody',
      { issuers: [{ url: 'https://idp.sluice.test', audiences: [] }] },
      /^issuers\[0\]\.audiences/,
    ],
    [
      'a client for whom no token is taken',
      { issuers: [{ url: 'https://idp.sluice.test', audiences: ['a'], clientId: 'cli' }] },
      /^issuers\[0\]\.clientId .*audiences/,
    ],
    [
      'an upstream by its address',
      { upstreams: [{ name: 'https://docker.io', url: 'https://docker.io', coldBlob: 'wait' }] },
      /^upstreams\[0\]\.name/,
    ],
    [
      'an upstream that nobody knows, without its address',
      { upstreams: [{ name: 'registry.other.test' }] },
      /^upstreams\[0\]\.url is missing: wanted is an https/,
    ],
    [
      'a secret by what it says',
      {
        upstreams: [
          { name: 'docker.io', credentials: { type: 'basic', secretName: 'me:Password' } },
        ],
      },
      /^upstreams\[0\]\.credentials\.secretName/,
    ],
    ['a root that is no upstream', { rootUpstream: 'registry.other.test' }, /^rootUpstream is/],
    [
      'an upstream twice',
      {
        upstreams: [
          { name: 'quay.io', url: 'https://quay.io', coldBlob: 'wait' },
          { name: 'quay.io', url: 'https://quay.io', coldBlob: 'redirect' },
        ],
      },
      /^upstreams: "quay\.io" is the name of several$/,
    ],
    [
      'too little memory',
      { memory: { api: 64, fill: 512, sweep: 512, exporter: 256 } },
      /^memory\.api is 64: wanted is a whole number from 128 to 10240$/,
    ],
    ['a retention that CloudWatch has not', { logRetentionDays: 31 }, /^logRetentionDays is 31/],
    ['an audit that is none', { audit: 'some' as 'all' }, /^audit is "some"/],
    ['a log level that is none', { logLevel: 'trace' as 'debug' }, /^logLevel is "trace"/],
    ['a grace too short for a push', { graceSeconds: 60 }, /^graceSeconds is 60/],
    ['a mail address that is none', { alarmMail: 'me' }, /^alarmMail is "me"/],
    ['a bucket name that is none', { existingBucket: 'My Bucket' }, /^existingBucket/],
  ])('refuse %s', ([, own, problem]) => {
    const found = problems(withOwn(own))
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(problem)
  })

  it('are refused all at once, a line each', () => {
    const found = problems(withOwn({ region: '', sweepMinutes: 1.5, uploadIdleSeconds: -1 }))
    expect(found).toHaveLength(3)
  })

  it('must know the stage, and a host name has one stage', () => {
    expect(problems(withOwn({}), 'alice')).toEqual([
      'stages.alice is missing: a stage needs a hostName of its own (there are: dev, production)',
    ])
    expect(problems(withOwn({ hostName: 'registry-dev.sluice.test' }))).toEqual([
      'hostName "registry-dev.sluice.test" is also the one of stage dev',
    ])
    expect(problems(withOwn({}, { productionStages: ['prod'] }))).toEqual([
      'productionStages: prod is no stage',
    ])
    const stages = { Production_1: { hostName: 'registry.sluice.test' } }
    expect(problems({ ...settings, productionStages: [], stages }, 'Production_1')[0]).toMatch(
      /^stages\.Production_1: a stage's name is/,
    )
  })

  it('give SST an outline whatever is wrong with them', () => {
    expect(outlineOf('production', withOwn({ region: 'Ireland' }))).toEqual({
      region: 'us-east-1',
      production: true,
    })
    expect(outlineOf('alice', withOwn({}))).toEqual({ region: 'eu-west-1', production: false })
  })
})
