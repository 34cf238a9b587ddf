/**
 * The issuers of a registry, in the form of Kubernetes' structured authentication, with `jwksURL`, `algorithms`, `clientID`
 * and `scopes` besides. https://kubernetes.io/docs/reference/access-authn-authz/authentication/#using-authentication-configuration
 *
 *     apiVersion: apiserver.config.k8s.io/v1
 *     kind: AuthenticationConfiguration
 *     jwt:
 *       - issuer: { url: https://idp.example.com, audiences: [sluice-cli] }
 *         claimMappings: { username: { claim: email, prefix: '' }, groups: { claim: groups, prefix: 'idp:' } }
 *         claimValidationRules: [{ claim: hd, requiredValue: example.com }]
 *         algorithms: [RS256]
 *         clientID: sluice-cli
 */
import { ALGORITHMS, type ClaimMapping, type Issuer } from './issuer.ts'

/** Names every field that is wrong, and no value of any. */
export class AuthenticationConfigurationError extends Error {
  override readonly name = 'AuthenticationConfigurationError'
}

type Fields = Readonly<Record<string, unknown>>

/** `parsed`: what YAML or JSON said. */
export function parseAuthenticationConfiguration(parsed: unknown): readonly Issuer[] {
  const reader = new Reader()
  const top = reader.fields(parsed, '', ['apiVersion', 'kind', 'jwt'])
  if (!/^apiserver\.config\.k8s\.io\/v1(?:alpha1|beta1)?$/.test(String(top.apiVersion))) {
    reader.wrong('apiVersion', 'is not apiserver.config.k8s.io/v1')
  }
  if (top.kind !== 'AuthenticationConfiguration') {
    reader.wrong('kind', 'is not AuthenticationConfiguration')
  }
  const issuers = reader
    .list(top.jwt ?? [], 'jwt')
    .map((one, at) => issuerOf(reader, one, `jwt[${at}]`))
  for (const [at, { url }] of issuers.entries()) {
    if (issuers.findIndex((other) => other.url === url) < at) {
      reader.wrong(`jwt[${at}].issuer.url`, 'is the url of an issuer before it')
    }
  }
  reader.end()
  return issuers
}

function issuerOf(reader: Reader, value: unknown, at: string): Issuer {
  const names = [
    'issuer',
    'claimMappings',
    'claimValidationRules',
    'jwksURL',
    'algorithms',
    'clientID',
    'scopes',
  ]
  const top = reader.fields(value, at, names)
  const issuer = reader.fields(top.issuer, `${at}.issuer`, [
    'url',
    'discoveryURL',
    'certificateAuthority',
    'audiences',
    'audienceMatchPolicy',
  ])
  const mappings = reader.fields(top.claimMappings ?? {}, `${at}.claimMappings`, [
    'username',
    'groups',
  ])
  const algorithms = reader.texts(top.algorithms ?? [...ALGORITHMS], `${at}.algorithms`)
  for (const name of algorithms) {
    if (!(ALGORITHMS as readonly string[]).includes(name)) {
      reader.wrong(`${at}.algorithms`, `holds one that is none of ${ALGORITHMS.join(', ')}`)
    }
  }
  const audiences = reader.texts(issuer.audiences, `${at}.issuer.audiences`)
  if (audiences.length === 0) reader.wrong(`${at}.issuer.audiences`, 'is empty')
  const discoveryUrl = reader.url(issuer.discoveryURL, `${at}.issuer.discoveryURL`)
  const jwksUrl = reader.url(top.jwksURL, `${at}.jwksURL`)
  const ca = reader.optional(issuer.certificateAuthority, `${at}.issuer.certificateAuthority`)
  const clientId = reader.optional(top.clientID, `${at}.clientID`)
  const scopes = reader.texts(top.scopes ?? ['openid', 'profile', 'email'], `${at}.scopes`)
  // Who logs in there brings the ID token, whose audience is the client; without `openid` there is none.
  if (clientId !== undefined && !audiences.includes(clientId)) {
    reader.wrong(`${at}.clientID`, `is not among ${at}.issuer.audiences: its ID tokens are for it`)
  }
  if (clientId !== undefined && !scopes.includes('openid')) {
    reader.wrong(`${at}.scopes`, 'has no openid, so that nobody who logs in there gets an ID token')
  }
  const groups =
    mappings.groups === undefined
      ? undefined
      : mapping(reader, mappings.groups, `${at}.claimMappings.groups`)
  return {
    url: reader.url(issuer.url, `${at}.issuer.url`) ?? reader.missing(`${at}.issuer.url`),
    audiences,
    algorithms,
    username: mapping(
      reader,
      mappings.username ?? { claim: 'sub' },
      `${at}.claimMappings.username`,
    ),
    ...(groups === undefined ? {} : { groups }),
    required: requiredClaims(reader, top.claimValidationRules ?? [], `${at}.claimValidationRules`),
    ...(discoveryUrl === undefined ? {} : { discoveryUrl }),
    ...(jwksUrl === undefined ? {} : { jwksUrl }),
    ...(ca === undefined ? {} : { certificateAuthority: ca }),
    ...(clientId === undefined ? {} : { clientId }),
    scopes,
  }
}

function mapping(reader: Reader, value: unknown, at: string): ClaimMapping {
  const { claim, prefix = '' } = reader.fields(value, at, ['claim', 'prefix'])
  return {
    claim: reader.text(claim, `${at}.claim`),
    prefix: reader.optional(prefix, `${at}.prefix`) ?? '',
  }
}

function requiredClaims(reader: Reader, value: unknown, at: string): Record<string, string> {
  const rules = reader.list(value, at).map((rule, index) => {
    const where = `${at}[${index}]`
    const { claim, requiredValue } = reader.fields(rule, where, ['claim', 'requiredValue'])
    return [
      reader.text(claim, `${where}.claim`),
      reader.text(requiredValue, `${where}.requiredValue`),
    ] as const
  })
  return Object.fromEntries(rules)
}

/** Reads on after what is wrong, so that all of it is told at once. */
class Reader {
  readonly #wrong: string[] = []

  wrong(field: string, problem: string): void {
    this.#wrong.push(`${field || 'the configuration'} ${problem}`)
  }

  missing(field: string): string {
    this.wrong(field, 'is missing')
    return ''
  }

  end(): void {
    if (this.#wrong.length > 0) throw new AuthenticationConfigurationError(this.#wrong.join('; '))
  }

  fields(value: unknown, at: string, known: readonly string[]): Fields {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.wrong(at, 'is no mapping')
      return {}
    }
    for (const name of Object.keys(value)) {
      if (!known.includes(name)) this.wrong(at === '' ? name : `${at}.${name}`, 'is unknown')
    }
    return value as Fields
  }

  list(value: unknown, at: string): readonly unknown[] {
    if (Array.isArray(value)) return value
    this.wrong(at, 'is no list')
    return []
  }

  text(value: unknown, at: string): string {
    if (typeof value === 'string' && value !== '') return value
    return value === undefined ? this.missing(at) : (this.wrong(at, 'is no text'), '')
  }

  optional(value: unknown, at: string): string | undefined {
    if (value === undefined || typeof value === 'string') return value
    this.wrong(at, 'is no text')
    return undefined
  }

  texts(value: unknown, at: string): readonly string[] {
    return this.list(value ?? [], at).map((one, index) => this.text(one, `${at}[${index}]`))
  }

  /** https, or http to this machine itself. */
  url(value: unknown, at: string): string | undefined {
    if (value === undefined) return undefined
    const text = this.text(value, at)
    const url = URL.parse(text)
    const local =
      url?.protocol === 'http:' && /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)
    if (!url || (url.protocol !== 'https:' && !local)) this.wrong(at, 'is no https:// URL')
    else if (url.username || url.password || url.hash)
      this.wrong(at, 'holds more than host and path')
    return text
  }
}
