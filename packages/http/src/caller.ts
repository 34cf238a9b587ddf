/**
 * Who asks, by the Authorization header: a registry token, a token of an identity provider, or a name and a password, which
 * may be such a token as well.
 */
import { allows, type Access, type Action } from '@sluice/core/access'
import { RegistryError } from '@sluice/core/errors'
import { isRefusal, type Credentials, type Identity } from '@sluice/core/ports/identity-provider'
import type { RegistryToken } from '@sluice/core/ports/registry-tokens'
import { unverifiedIssuer } from '@sluice/core/unverified-issuer'
import { isDeep, parseRepositoryName, type RepositoryName } from '@sluice/core/repository-name'
import type { AppContext, Parts } from './app-environment.ts'
import { parseBasic } from './basic-credentials.ts'
import { bearerToken } from './bearer-token.ts'
import { ChallengeError, CredentialsError } from './challenge.ts'
import { note } from './note.ts'
import { whenKnown } from './when-known.ts'

export interface Caller {
  readonly identity: Identity
  /** By a registry token, which may say less than its bearer may. */
  readonly byToken: boolean
  /** A token may do what it carries, and a password what its owner may; both are asked at the resource. */
  may(access: Access): boolean | Promise<boolean>
}

export function identify(
  c: AppContext,
  parts: Parts,
): Caller | undefined | Promise<Caller | undefined> {
  const header = c.req.header('authorization')
  if (header === undefined) return undefined
  const token = bearerToken(header)
  if (token === undefined) return identifyBasic(header, c, parts)
  return whenKnown(parts.tokens.verify(token), (content) => bearer(content, token, c, parts))
}

function bearer(
  content: RegistryToken | undefined,
  token: string,
  c: AppContext,
  parts: Parts,
): Caller | Promise<Caller> {
  if (content) {
    c.env?.log?.known(content.identity)
    return {
      identity: content.identity,
      byToken: true,
      may: ({ type, name, actions }) =>
        actions.every((action) => allows(content.access, type, name, action)),
    }
  }
  if (isOfOthers(token, parts)) {
    const credentials = { password: token, from: c.env?.remoteAddress ?? '' }
    return identifyCredentials(credentials, c, parts)
  }
  throw new ChallengeError(c, parts, 'the token has expired or is not of this registry', {
    error: 'invalid_token',
  })
}

/** Whoever may have signed it, it is no registry token of ours that has run out. */
function isOfOthers(token: string, { service }: Parts): boolean {
  if (token === 'anonymous') return true
  const issuer = unverifiedIssuer(token)
  return issuer !== undefined && issuer !== service
}

async function identifyBasic(header: string, c: AppContext, parts: Parts): Promise<Caller> {
  return identifyCredentials(credentialsOf(header, c, parts), c, parts)
}

async function identifyCredentials(
  credentials: Credentials,
  c: AppContext,
  parts: Parts,
): Promise<Caller> {
  const identity = await identityOf(credentials, c, parts)
  return {
    identity,
    byToken: false,
    may: async (access) => {
      const [granted] = await parts.registry.rights.grant(identity, [access])
      return access.actions.every((action) => action === '*' || granted?.actions.includes(action))
        ? granted !== undefined
        : false
    },
  }
}

/** The identity behind a Basic header; refuses with a challenge, or with the time to wait. */
export const authenticate = async (
  header: string,
  c: AppContext,
  parts: Parts,
): Promise<Identity> => identityOf(credentialsOf(header, c, parts), c, parts)

function credentialsOf(header: string, c: AppContext, parts: Parts): Credentials {
  if (!/^basic /i.test(header)) {
    const detail = 'send a token (Bearer) or a user name and password (Basic)'
    throw new ChallengeError(c, parts, detail)
  }
  const credentials = parseBasic(header)
  if (!credentials || credentials.password === '') {
    const detail = 'Basic credentials are a user name, a colon and a password, in base64'
    throw new CredentialsError('failed to decode credentials', detail)
  }
  return { ...credentials, from: c.env?.remoteAddress ?? '' }
}

export async function identityOf(
  credentials: Credentials,
  c: AppContext,
  parts: Parts,
): Promise<Identity> {
  const answer = await parts.identities.identify(credentials)
  if (!isRefusal(answer)) {
    c.env?.log?.known(answer)
    return answer
  }
  const { reason, retryAfter } = answer
  await note(c, parts, undefined, { kind: 'login', user: credentials.username, refused: reason })
  if (retryAfter !== undefined) throw new RegistryError('TOOMANYREQUESTS', reason, { retryAfter })
  throw new CredentialsError('access denied', reason)
}

export interface Authorised {
  readonly repository: RepositoryName
  readonly caller: Caller
}

/** Lets the request through when its caller may act on the repository; answers at once for a token seen before. */
export function authorise(
  c: AppContext,
  parts: Parts,
  named: string,
  ...actions: Action[]
): Authorised | Promise<Authorised> {
  return whenKnown(identify(c, parts), (caller) => admit(caller, c, parts, named, actions))
}

function admit(
  caller: Caller | undefined,
  c: AppContext,
  parts: Parts,
  named: string,
  actions: readonly Action[],
): Authorised | Promise<Authorised> {
  if (!caller) throw new ChallengeError(c, parts, 'log in first', { access: asked(named, actions) })
  const repository = parseRepositoryName(named)
  const access: Access = { type: 'repository', name: repository, actions }
  const may = caller.may(access)
  const admitted = { repository, caller }
  if (may === true) return admittedTo(c, admitted)
  return Promise.resolve(may).then((does) =>
    does ? admittedTo(c, admitted) : refuse(admitted, c, parts, access),
  )
}

function admittedTo(c: AppContext, admitted: Authorised): Authorised {
  c.env?.log?.authorized()
  return admitted
}

async function refuse(
  { repository, caller }: Authorised,
  c: AppContext,
  parts: Parts,
  access: Access,
): Promise<never> {
  // The token endpoint grants nothing on a name that cannot be; say that, rather than ask for another token.
  if (isDeep(repository)) await parts.registry.projects.admitName(repository)
  if (!caller.byToken) {
    const reason = await parts.registry.rights.reason(caller.identity, access)
    throw new CredentialsError('access denied', [recordsOf(access, reason)])
  }
  const detail = `${caller.identity.user} may not ${access.actions.join(', ')} here`
  throw new ChallengeError(c, parts, detail, { access, error: 'insufficient_scope' })
}

/** What was asked for, in the form of OpenShift's registry, and why it was not given. */
const recordsOf = ({ type, name, actions }: Access, reason: string) =>
  actions.map((action) => ({ Type: type, Class: '', Name: name, Action: action, Reason: reason }))

/** A scope is repeated to the client only when it names a repository that can be. */
function asked(named: string, actions: readonly Action[]): Access | undefined {
  try {
    return { type: 'repository', name: parseRepositoryName(named), actions }
  } catch {
    return undefined
  }
}
