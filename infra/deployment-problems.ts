import { UPSTREAM_PRESETS } from '@sluice/core/upstream/upstream-presets'
import type { Deployment, Settings } from './deployment.ts'

/** What CloudWatch takes as a log group's retention; 0 would be for ever. */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
]

export const REGION = /^[a-z]{2}(?:-[a-z]+){1,2}-\d$/
const STAGE = /^[a-z](?:[a-z0-9-]{0,18}[a-z0-9])?$/
const HOST_NAME = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/
const EXAMPLE = /(?:^|\.)example\.(?:com|net|org)$/
const CERTIFICATE = /^arn:aws[a-z-]*:acm:us-east-1:\d{12}:certificate\/[0-9a-f-]{36}$/
const MAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/
/** Of the project that caches it, too. */
const UPSTREAM = /^(?=.{1,63}$)[a-z0-9]+(?:(?:\.|-+)[a-z0-9]+)*$/
const SECRET = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/

/** One line for each thing that is wrong with a stage's settings, naming the field and what is wanted. */
export function problemsOf(stage: string, { stages, everyStage, productionStages }: Settings) {
  const own = stages[stage]
  if (!own) {
    const known = Object.keys(stages).toSorted().join(', ')
    return [
      `stages.${stage} is missing: a stage needs a hostName of its own (there are: ${known || 'none'})`,
    ]
  }
  const problems = problemsOfFields({ ...everyStage, ...own })
  if (!STAGE.test(stage)) {
    problems.unshift(`stages.${stage}: a stage's name is 1 to 20 of a-z, 0-9 and -, a letter first`)
  }
  for (const name of productionStages) {
    if (!stages[name]) problems.push(`productionStages: ${name} is no stage`)
  }
  for (const [other, { hostName }] of Object.entries(stages)) {
    if (other !== stage && hostName === own.hostName) {
      problems.push(`hostName ${quoted(hostName)} is also the one of stage ${other}`)
    }
  }
  return problems
}

function problemsOfFields(deployment: Deployment): string[] {
  const problems: string[] = []
  const want = (field: string, value: unknown, is: boolean, wanted: string): void => {
    if (!is) problems.push(`${field} is ${quoted(value)}: wanted is ${wanted}`)
  }
  const oneOf = (field: string, value: unknown, values: readonly unknown[]): void =>
    want(field, value, values.includes(value), `one of ${values.join(', ')}`)
  const between = (field: string, value: number, least: number, most: number): void => {
    const is = Number.isInteger(value) && value >= least && value <= most
    want(field, value, is, `a whole number from ${least} to ${most}`)
  }
  const matching = (field: string, value: unknown, form: RegExp, wanted: string): void =>
    want(field, value, typeof value === 'string' && form.test(value), wanted)

  const d = deployment
  matching('region', d.region, REGION, 'a region such as eu-west-1')
  matching('hostName', d.hostName, HOST_NAME, 'a host name in lower case, such as registry.you.org')
  want('hostName', d.hostName, !EXAMPLE.test(d.hostName), 'a name of your own')
  want(
    'hostName',
    d.hostName,
    d.hostName.length <= 64,
    'at most 64 characters, for the certificate',
  )
  oneOf('dns', d.dns, ['route53', 'manual'])
  if (d.certificateArn !== undefined || d.dns === 'manual') {
    const wanted = 'the ARN of a certificate in us-east-1 (CloudFront looks nowhere else)'
    const why = d.dns === 'manual' ? `${wanted}, since dns is manual` : wanted
    matching('certificateArn', d.certificateArn, CERTIFICATE, why)
  }

  oneOf('uploadDoor', d.uploadDoor, ['fargate', 'web-function', 'off'])
  oneOf('fargate.cpu', d.fargate.cpu, ['0.25 vCPU', '0.5 vCPU', '1 vCPU', '2 vCPU'])
  matching('fargate.memory', d.fargate.memory, /^(?:0\.5|[1-9]\d?) GB$/, 'such as 1 GB')
  between('fargate.min', d.fargate.min, 1, 50)
  between('fargate.max', d.fargate.max, Math.max(1, d.fargate.min), 50)

  d.issuers.forEach(({ url, audiences, clientId }, i) => {
    want(`issuers[${i}].url`, url, isHttps(url), 'an https:// address')
    const named = audiences.length > 0 && audiences.every((audience) => audience !== '')
    want(`issuers[${i}].audiences`, audiences, named, 'at least one audience, none of them empty')
    const known = clientId === undefined || audiences.includes(clientId)
    want(
      `issuers[${i}].clientId`,
      clientId,
      known,
      'one of its audiences: ID tokens are for the client',
    )
  })
  d.upstreams.forEach(({ name, url, coldBlob = 'redirect', credentials }, i) => {
    matching(`upstreams[${i}].name`, name, UPSTREAM, 'a host as clients name it, such as docker.io')
    const known = Object.hasOwn(UPSTREAM_PRESETS, name)
    const is = url === undefined ? known : isHttps(url)
    want(`upstreams[${i}].url`, url, is, 'an https:// address')
    oneOf(`upstreams[${i}].coldBlob`, coldBlob, ['redirect', 'wait'])
    if (!credentials) return
    oneOf(`upstreams[${i}].credentials.type`, credentials.type, ['basic', 'bearer', 'ecr', 'gar'])
    if (credentials.type === 'ecr') return
    const wanted = 'the name of a secret, in lower case, such as docker-hub'
    matching(`upstreams[${i}].credentials.secretName`, credentials.secretName, SECRET, wanted)
  })
  const { rootUpstream } = d
  if (rootUpstream !== undefined) {
    const is =
      Object.hasOwn(UPSTREAM_PRESETS, rootUpstream) ||
      d.upstreams.some(({ name }) => name === rootUpstream)
    want('rootUpstream', rootUpstream, is, 'the name of one of the upstreams')
  }
  alone(
    'issuers',
    'url',
    d.issuers.map((issuer) => issuer.url),
    problems,
  )
  alone(
    'upstreams',
    'name',
    d.upstreams.map((upstream) => upstream.name),
    problems,
  )

  for (const [door, size] of Object.entries(d.memory)) between(`memory.${door}`, size, 128, 10_240)
  between('sweepMinutes', d.sweepMinutes, 5, 1440)
  between('graceSeconds', d.graceSeconds, 3600, 31_536_000)
  between('uploadIdleSeconds', d.uploadIdleSeconds, 3600, 604_800)
  oneOf('logLevel', d.logLevel, ['debug', 'info', 'warn', 'error'])
  oneOf('audit', d.audit, ['changes', 'all', 'off'])
  oneOf('logRetentionDays', d.logRetentionDays, RETENTION_DAYS)
  if (d.alarmMail !== undefined) matching('alarmMail', d.alarmMail, MAIL, 'a mail address')
  if (d.existingBucket !== undefined) {
    matching('existingBucket', d.existingBucket, BUCKET, 'the name of a bucket')
  }
  return problems
}

function alone(list: string, field: string, values: readonly string[], problems: string[]): void {
  for (const value of new Set(values.filter((value, i) => values.indexOf(value) < i))) {
    problems.push(`${list}: ${quoted(value)} is the ${field} of several`)
  }
}

const isHttps = (url: string): boolean => URL.canParse(url) && new URL(url).protocol === 'https:'

const quoted = (value: unknown): string => JSON.stringify(value) ?? 'missing'
