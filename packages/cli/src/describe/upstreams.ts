/** An upstream for a reader: what differs between one and another first. */
import type { ApiObject } from '../api-client.ts'
import { withSpaces } from '../tab-writer.ts'
import type { TagAge } from '../upstream-options.ts'
import { listed } from './listed.ts'
import { kubernetesMetadata } from './metadata.ts'

interface WholeSpec {
  readonly urls: readonly string[]
  readonly aliases: readonly string[]
  readonly defaultPrefix?: string
  readonly credentials?: { readonly type: string; readonly secretName?: string }
  readonly realmHosts: readonly string[]
  readonly missPolicy: string
  readonly tagAges: readonly TagAge[]
  readonly revalidate: string
  readonly staleIfError: number
  readonly negativeAges: Readonly<Record<string, number>>
  readonly allow: readonly string[]
  readonly deny: readonly string[]
  readonly concurrency: number
  readonly minimumTagAge: number
  readonly certificateAuthority?: string
  readonly insecure: boolean
  readonly privateAddresses: boolean
  readonly proxy?: string
}

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
] as const

/** `90` is `90s`, `7200` is `2h`. */
function duration(seconds: number): string {
  const whole = seconds === 0 ? undefined : UNITS.find(([, size]) => seconds % size === 0)
  return whole ? `${seconds / whole[1]}${whole[0]}` : `${seconds}s`
}

export function describeUpstream(upstream: ApiObject): string {
  const spec = upstream['spec'] as WholeSpec
  const [url = '<none>', ...mirrors] = spec.urls
  const { type = '<none>', secretName } = spec.credentials ?? {}
  return withSpaces([
    ...kubernetesMetadata(upstream),
    `URL:\t${url}`,
    `Mirrors:\t${listed(mirrors)}`,
    `Aliases:\t${listed(spec.aliases)}`,
    `Default prefix:\t${spec.defaultPrefix ?? '<none>'}`,
    `Credentials:\t${type}${secretName === undefined ? '' : ` from secret ${secretName}`}`,
    `Token services:\t${listed(spec.realmHosts)}`,
    `On a miss:\t${spec.missPolicy}`,
    `Allowed:\t${listed(spec.allow, '<all>')}`,
    `Denied:\t${listed(spec.deny)}`,
    `Stale if error:\t${duration(spec.staleIfError)}`,
    `Minimum tag age:\t${duration(spec.minimumTagAge)}`,
    `Revalidated:\t${spec.revalidate}`,
    `Transfers at once:\t${spec.concurrency}`,
    `Insecure:\t${spec.insecure}`,
    `Private addresses:\t${spec.privateAddresses}`,
    `Authorities:\t${spec.certificateAuthority === undefined ? "<the system's>" : '<its own>'}`,
    `Proxy:\t${spec.proxy ?? '<none>'}`,
    'Tags are believed:',
    ...spec.tagAges.map(({ pattern, seconds }) => `  ${pattern}\t${duration(seconds)}`),
    'Absence is believed:',
    ...Object.entries(spec.negativeAges).map(([what, age]) => `  ${what}\t${duration(age)}`),
  ])
}
