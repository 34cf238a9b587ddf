/** What is wrong with an upstream's settings, field by field. */
import { certificatesProblems } from '../certificates-problems.ts'
import { invalidValue } from '../invalid-value.ts'
import type { FieldProblem } from '../object-error.ts'
import { isProjectName, MAX_PROJECT_NAME } from '../repository-name.ts'
import { isSecretName } from '../secret-name.ts'
import { MISS_POLICIES, type UpstreamSettings } from './upstream-settings.ts'

const HOST = /^[a-z0-9]+(?:[.-][a-z0-9]+)*(?::\d{1,5})?$/
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const MOST_SECONDS = 10 * 365 * 86_400
const MOST_TRANSFERS = 1000
const MOST_URLS = 10

export function upstreamProblems(
  name: string,
  settings: UpstreamSettings,
): readonly FieldProblem[] {
  const problems: FieldProblem[] = []
  const invalid = (field: string, value: unknown, why: string): void => {
    problems.push(invalidValue(field, value, why))
  }
  if (!isProjectName(name)) {
    const why = `must be a host name of at most ${MAX_PROJECT_NAME} lower-case characters: its cache is a project of that name`
    invalid('metadata.name', name, why)
  }
  const { urls, aliases, realmHosts, credentials, tagAges, negativeAges, proxy } = settings
  if (urls.length === 0 || urls.length > MOST_URLS) {
    invalid('spec.urls', urls, `must name 1 to ${MOST_URLS} registries`)
  }
  urls.forEach((url, at) => {
    const why = urlProblem(url, settings.insecure)
    if (why !== undefined) invalid(`spec.urls[${at}]`, url, why)
  })
  aliases.forEach((alias, at) => {
    if (!HOST.test(alias)) invalid(`spec.aliases[${at}]`, alias, 'must be a host name')
  })
  realmHosts.forEach((host, at) => {
    if (!HOST.test(host)) invalid(`spec.realmHosts[${at}]`, host, 'must be a host name')
  })
  const { defaultPrefix, missPolicy, revalidate } = settings
  if (defaultPrefix !== undefined && !COMPONENT.test(defaultPrefix)) {
    invalid('spec.defaultPrefix', defaultPrefix, 'must be one component of a repository name')
  }
  if (!MISS_POLICIES.includes(missPolicy)) {
    invalid('spec.missPolicy', missPolicy, `must be one of ${MISS_POLICIES.join(', ')}`)
  }
  if (revalidate !== 'first' && revalidate !== 'behind') {
    invalid('spec.revalidate', revalidate, 'must be first or behind')
  }
  const { secretName } = credentials ?? {}
  if (secretName !== undefined && !isSecretName(secretName)) {
    invalid('spec.credentials.secretName', secretName, 'must be the name of a secret')
  }
  const needsSecret = credentials !== undefined && credentials.type !== 'ecr'
  if (needsSecret && secretName === undefined) {
    invalid('spec.credentials.secretName', '', `must be there for ${credentials?.type}`)
  }
  if (credentials && !['basic', 'bearer', 'ecr', 'gar'].includes(credentials.type)) {
    invalid('spec.credentials.type', credentials.type, 'must be one of basic, bearer, ecr, gar')
  }
  const seconds: Readonly<Record<string, number>> = {
    'spec.staleIfError': settings.staleIfError,
    'spec.minimumTagAge': settings.minimumTagAge,
    'spec.evictAfter': settings.evictAfter,
    'spec.negativeAges.tag': negativeAges.tag,
    'spec.negativeAges.digest': negativeAges.digest,
    'spec.negativeAges.refused': negativeAges.refused,
    ...Object.fromEntries(
      tagAges.map((age, at) => [`spec.tagAges[${at}].seconds`, age.seconds] as const),
    ),
  }
  for (const [field, value] of Object.entries(seconds)) {
    if (!Number.isSafeInteger(value) || value < 0 || value > MOST_SECONDS) {
      invalid(field, value, `must be whole seconds, 0 to ${MOST_SECONDS}`)
    }
  }
  const { concurrency, maxBytes } = settings
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 0) {
    invalid('spec.maxBytes', maxBytes, 'must be a number of bytes, or 0')
  }
  if (!Number.isSafeInteger(concurrency) || concurrency < 1 || concurrency > MOST_TRANSFERS) {
    invalid('spec.concurrency', concurrency, `must be 1 to ${MOST_TRANSFERS} transfers`)
  }
  if (proxy !== undefined && !/^https?:\/\/[^/@]+$/.test(proxy)) {
    invalid('spec.proxy', proxy, 'must be http or https, a host and perhaps a port')
  }
  return [
    ...problems,
    ...certificatesProblems('spec.certificateAuthority', settings.certificateAuthority),
  ]
}

function urlProblem(text: string, insecure: boolean): string | undefined {
  const url = URL.parse(text)
  const bare = url !== null && (url.href === `${url.origin}/` || url.href === url.origin)
  if (!bare || !/^https?:$/.test(url.protocol)) return 'must be https://, a host and perhaps a port'
  if (url.protocol === 'http:' && !insecure) return 'must be https unless spec.insecure is true'
  return undefined
}
