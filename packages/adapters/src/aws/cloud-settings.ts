/** What the environment of a door in the cloud says: where its records, bytes and secrets are, and what may be set. */
import type { Policy } from '@sluice/core/policy'
import { AUDIT_LEVELS, type AuditLevel } from '@sluice/core/services/audit-to'
import {
  AuthenticationConfigurationError,
  parseAuthenticationConfiguration,
} from '../identity/authentication-configuration.ts'
import type { Issuer } from '../identity/issuer.ts'

export interface CloudSettings {
  readonly tableName: string
  readonly bucket: string
  readonly keysParameter: string
  readonly adminPasswordParameter: string
  /** `https://host[:port]`. */
  readonly publicUrl: string
  /** S3 servers without virtual hosts want the bucket in the path. */
  readonly pathStyle: boolean
  /** What CloudFront adds in `x-sluice-origin`; a door that has it serves nobody else. */
  readonly originSecret: string | undefined
  /** False: the deployment has none, and whatever one that was there left of itself counts no longer. */
  readonly uploadDoor: boolean
  readonly policy: Partial<Policy>
  readonly audit: AuditLevel
  /** Whether others are told of what is done; there is a queue then. */
  readonly events: boolean
  /** How other registries are read through; not at all where no queue is named. */
  readonly upstreams:
    | {
        readonly queueUrl: string
        readonly secretsPrefix: string
        readonly root: string | undefined
      }
    | undefined
  /** Of the JSON text of an AuthenticationConfiguration. */
  readonly issuers: readonly Issuer[]
}

type Environment = Readonly<Record<string, string | undefined>>

/** Throws an `Error` that names every variable that is missing or wrong, and no value. */
export function cloudSettings(env: Environment): CloudSettings {
  const wrong: string[] = []
  const text = (name: string): string => {
    const value = env[name]
    if (!value) wrong.push(`${name} is missing`)
    return value ?? ''
  }
  const milliseconds = (name: string): number | undefined => {
    const value = env[name]
    if (!value) return undefined
    if (!/^\d{1,9}$/.test(value)) wrong.push(`${name} is not a whole number of seconds`)
    return Number(value) * 1000
  }
  const origin = (name: string): string => {
    const url = URL.parse(text(name))
    if (env[name] && (url === null || `${url.origin}/` !== url.href)) {
      wrong.push(`${name} is not http or https, a host and perhaps a port`)
    }
    return url?.origin ?? ''
  }
  const issuers = (name: string): readonly Issuer[] => {
    try {
      return env[name] ? parseAuthenticationConfiguration(JSON.parse(env[name])) : []
    } catch (error) {
      const known = error instanceof AuthenticationConfigurationError
      wrong.push(known ? `${name}: ${error.message}` : `${name} is no JSON`)
      return []
    }
  }
  const audit = (name: string): AuditLevel => {
    const level = AUDIT_LEVELS.find((one) => one === (env[name] || 'changes'))
    if (!level) wrong.push(`${name} is none of ${AUDIT_LEVELS.join(', ')}`)
    return level ?? 'changes'
  }
  const grace = milliseconds('SLUICE_GRACE')
  const uploadIdle = milliseconds('SLUICE_UPLOAD_IDLE')
  const queueUrl = env['SLUICE_QUEUE_URL']
  const settings: CloudSettings = {
    tableName: text('SLUICE_TABLE'),
    bucket: text('SLUICE_BUCKET'),
    keysParameter: text('SLUICE_KEYS_PARAMETER'),
    adminPasswordParameter: text('SLUICE_ADMIN_PASSWORD_PARAMETER'),
    publicUrl: origin('SLUICE_PUBLIC_URL'),
    pathStyle: env['SLUICE_S3_PATH_STYLE'] === 'true',
    uploadDoor: env['SLUICE_UPLOAD_DOOR'] !== 'off',
    originSecret: env['SLUICE_ORIGIN_SECRET'] || undefined,
    issuers: issuers('SLUICE_AUTHENTICATION'),
    audit: audit('SLUICE_AUDIT'),
    events: env['SLUICE_EVENTS'] === 'true' && text('SLUICE_QUEUE_URL') !== '',
    upstreams: queueUrl
      ? {
          queueUrl,
          secretsPrefix: text('SLUICE_SECRETS_PREFIX'),
          root: env['SLUICE_ROOT_UPSTREAM'] || undefined,
        }
      : undefined,
    policy: {
      ...(grace === undefined ? {} : { grace }),
      ...(uploadIdle === undefined ? {} : { uploadIdle }),
    },
  }
  if (wrong.length > 0) throw new Error(`the environment: ${wrong.join('; ')}`)
  return settings
}
