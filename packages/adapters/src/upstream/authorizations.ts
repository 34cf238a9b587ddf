/**
 * How an upstream wants to be asked: not at all until it says so (401), then as it said, without another 401. Tokens are
 * shared by all processes, and forgotten when refused. Credentials go to the registry's own hosts and to no other.
 */
import { createHash } from 'node:crypto'
import type { Clock } from '@sluice/core/ports/clock'
import type { Secrets } from '@sluice/core/ports/secrets'
import type { SharedTokens } from '@sluice/core/ports/shared-tokens'
import { UpstreamError } from '@sluice/core/ports/upstream'
import type { UpstreamSettings } from '@sluice/core/upstream/upstream-settings'
import { ecrAuthorization } from './ecr-authorization.ts'
import type { FetchEcrLogin } from './ecr-login.ts'
import { garAuthorization } from './gar-authorization.ts'
import type { GoogleTokens } from './google-tokens.ts'
import { isSameRegistry } from './is-same-registry.ts'
import { parseChallenges, type Challenge } from './parse-challenges.ts'
import { sharedToken } from './shared-token.ts'
import { basic, type TokenService } from './token-service.ts'
import { UpstreamSecret } from './upstream-secret.ts'

export interface Authorization {
  /** The header's value. */
  readonly value: string
  /** Of a token of the shared ones. */
  readonly shared?: { readonly key: string; readonly token: string; readonly isNew: boolean }
}

export interface AuthorizationOptions {
  readonly upstream: string
  readonly settings: UpstreamSettings
  /** The first of the settings' `urls`: whose registry it is. */
  readonly owner: URL
  readonly secrets: Secrets
  readonly tokens: SharedTokens
  readonly tokenService: TokenService
  readonly googleTokens: GoogleTokens
  readonly clock: Clock
  readonly fetchEcrLogin: FetchEcrLogin | undefined
  readonly onProblem: (problem: string) => void
}

export class Authorizations {
  readonly #options: AuthorizationOptions
  /** What each origin asked for last. */
  readonly #challenges = new Map<string, Challenge>()
  readonly #secret: UpstreamSecret

  constructor(options: AuthorizationOptions) {
    this.#options = options
    this.#secret = new UpstreamSecret(options)
  }

  /** For the next request, by what is known; `undefined` is without. */
  async next(base: URL, repository: string): Promise<Authorization | undefined> {
    const challenge = this.#challenges.get(base.origin)
    return challenge && this.#answer(challenge, base, repository)
  }

  /**
   * After a 401 that asked for `header`, to a request with `used`. Throws `UpstreamError`: `refusing` when there is nothing
   * else to come with.
   */
  async renew(
    base: URL,
    repository: string,
    header: string | undefined,
    used: Authorization | undefined,
  ): Promise<Authorization> {
    const challenge = this.#choose(parseChallenges(header))
    if (!challenge) throw this.#refusing('asks for no login that is known here')
    this.#challenges.set(base.origin, challenge)
    if (used?.shared) {
      await this.#options.tokens.forget(used.shared.key, used.shared.token)
      if (used.shared.isNew) throw this.#refusing(this.#whyTokenIsRefused())
    }
    if (used) this.#secret.forget()
    const answer = await this.#answer(challenge, base, repository)
    if (!answer || answer.value === used?.value) throw this.#refusing('asks for a login')
    return answer
  }

  /** A registry that gives everybody a token tells strangers of what is private and of what is not there alike. */
  #whyTokenIsRefused(): string {
    return this.#options.settings.credentials
      ? 'refuses the token that it gave'
      : 'has no such repository, or only for those who log in: it has no credentials here'
  }

  /** Bearer before Basic, which some registries offer beside it and do not take. */
  #choose(challenges: readonly Challenge[]): Challenge | undefined {
    return (
      challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.has('realm')) ??
      challenges.find(({ scheme }) => scheme === 'basic' || scheme === 'bearer')
    )
  }

  async #answer(
    challenge: Challenge,
    base: URL,
    repository: string,
  ): Promise<Authorization | undefined> {
    const { settings, owner } = this.#options
    const { scheme, parameters } = challenge
    const isOurs = await isSameRegistry(base, owner, settings.realmHosts)
    const type = isOurs ? settings.credentials?.type : undefined
    if (type === 'gar') {
      return garAuthorization(base, { ...this.#options, readKey: () => this.#secret.readText() })
    }
    if (type === 'ecr') return ecrAuthorization(base, this.#options)
    if (scheme === 'basic') {
      if (type !== 'basic') return undefined
      const { user, password } = await this.#secret.login()
      return { value: basic(user, password) }
    }
    if (type === 'bearer') return { value: `Bearer ${await this.#secret.read()}` }
    const realm = await this.#realm(parameters.get('realm'), base)
    return this.#token(realm, parameters.get('service'), repository, type === 'basic')
  }

  async #token(
    realm: URL,
    service: string | undefined,
    repository: string,
    withLogin: boolean,
  ): Promise<Authorization> {
    const { upstream, settings, owner, tokens, tokenService } = this.#options
    const scope = `repository:${repository}:pull`
    const loggedIn = withLogin && (await isSameRegistry(realm, owner, settings.realmHosts))
    // Where it came from and for whom: an upstream that is set up anew gets no token of the former one.
    const secretName = loggedIn ? settings.credentials?.secretName : undefined
    const identity = JSON.stringify([realm.href, service, secretName])
    const key = `${upstream}/${createHash('sha256').update(identity).digest('hex')}/${scope}`
    const shared = await sharedToken(tokens, key, async () => {
      const login = loggedIn ? await this.#secret.login() : undefined
      return tokenService.fetch({ realm, service, scope, login })
    })
    return { value: `Bearer ${shared.token}`, shared }
  }

  /** A realm is whatever an upstream says: without this check it could have us ask, and log in, anywhere. */
  async #realm(text: string | undefined, base: URL): Promise<URL> {
    const { upstream, settings } = this.#options
    const realm = text !== undefined && URL.canParse(text) ? new URL(text) : undefined
    if (!realm) throw new UpstreamError(upstream, 'lying', 'names no token service')
    const isSafe = realm.protocol === 'https:' || realm.protocol === base.protocol
    if (!isSafe || realm.username !== '' || realm.password !== '') {
      throw new UpstreamError(upstream, 'forbidden', 'names a token service that is not safe')
    }
    if (!(await isSameRegistry(realm, base, settings.realmHosts))) {
      const message = 'names a token service elsewhere, which its realmHosts do not list'
      throw new UpstreamError(upstream, 'forbidden', message)
    }
    realm.hash = ''
    return realm
  }

  #refusing(what: string): UpstreamError {
    return new UpstreamError(this.#options.upstream, 'refusing', what)
  }
}
