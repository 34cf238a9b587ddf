import { cloudSettings } from '@sluice/adapters/aws/cloud-settings'
import { describe, expect, it } from 'vitest'

const ENVIRONMENT = {
  SLUICE_TABLE: 'table',
  SLUICE_BUCKET: 'bucket',
  SLUICE_KEYS_PARAMETER: '/sluice/keys',
  SLUICE_ADMIN_PASSWORD_PARAMETER: '/sluice/password',
  SLUICE_PUBLIC_URL: 'https://registry.example',
}

describe('cloudSettings', () => {
  it('reads what must be there, and leaves what need not be', () => {
    expect(cloudSettings(ENVIRONMENT)).toEqual({
      tableName: 'table',
      bucket: 'bucket',
      keysParameter: '/sluice/keys',
      adminPasswordParameter: '/sluice/password',
      publicUrl: 'https://registry.example',
      pathStyle: false,
      uploadDoor: true,
      originSecret: undefined,
      upstreams: undefined,
      issuers: [],
      audit: 'changes',
      events: false,
      policy: {},
    })
    const more = {
      SLUICE_S3_PATH_STYLE: 'true',
      SLUICE_UPLOAD_DOOR: 'off',
      SLUICE_ORIGIN_SECRET: 'secret',
      SLUICE_GRACE: '60',
      SLUICE_AUDIT: 'all',
    }
    expect(cloudSettings({ ...ENVIRONMENT, ...more })).toMatchObject({
      pathStyle: true,
      uploadDoor: false,
      originSecret: 'secret',
      audit: 'all',
      policy: { grace: 60_000 },
    })
  })

  it('reads through other registries where there is a queue for what is to be fetched', () => {
    const queue = { SLUICE_QUEUE_URL: 'https://sqs.example/jobs' }
    const prefix = { SLUICE_SECRETS_PREFIX: '/sluice/secrets' }
    const read = { queueUrl: 'https://sqs.example/jobs', secretsPrefix: '/sluice/secrets' }
    expect(cloudSettings({ ...ENVIRONMENT, ...queue, ...prefix }).upstreams).toEqual(read)
    const root = { SLUICE_ROOT_UPSTREAM: 'docker.io' }
    expect(cloudSettings({ ...ENVIRONMENT, ...queue, ...prefix, ...root }).upstreams).toEqual({
      ...read,
      root: 'docker.io',
    })
    expect(() => cloudSettings({ ...ENVIRONMENT, ...queue })).toThrow(
      'the environment: SLUICE_SECRETS_PREFIX is missing',
    )
  })

  it('tells others of what is done where it is told to, and there is a queue', () => {
    const events = { SLUICE_EVENTS: 'true' }
    const queue = { SLUICE_QUEUE_URL: 'https://sqs.example/jobs', SLUICE_SECRETS_PREFIX: '/s' }
    expect(cloudSettings({ ...ENVIRONMENT, ...events, ...queue }).events).toBe(true)
    expect(() => cloudSettings({ ...ENVIRONMENT, ...events })).toThrow(
      'the environment: SLUICE_QUEUE_URL is missing',
    )
  })

  it('names all that is missing or wrong at once, and no value', () => {
    const wrong = {
      SLUICE_TABLE: '',
      SLUICE_PUBLIC_URL: 'https://registry.example/path-of-mine',
      SLUICE_GRACE: 'forever',
      SLUICE_AUDIT: 'everything',
    }
    expect(() => cloudSettings({ ...ENVIRONMENT, ...wrong })).toThrow(
      'the environment: SLUICE_GRACE is not a whole number of seconds; SLUICE_TABLE is missing; ' +
        'SLUICE_PUBLIC_URL is not http or https, a host and perhaps a port; SLUICE_AUDIT is none of off, changes, all',
    )
    expect(() => cloudSettings({})).toThrow(/SLUICE_BUCKET is missing/)
  })
})
