/** Who asks, by the Authorization header: a registry token, or a name and a password (Basic). */
import { allows, type Access, type Action } from '@sluice/core/access'
import { RegistryError } from '@sluice/core/errors'
import { isRefusal, type Identity } from '@sluice/core/ports/identity-provider'
import type { RegistryToken } from '@sluice/core/ports/registry-tokens'
import { isDeep, parseRepositoryName, type RepositoryName } from '@sluice/core/repository-name'
import type { AppContext, Parts } from './app-environment.ts'
import { parseBasic } from './basic-credentials.ts'
import { ChallengeError } from './challenge.ts'

export interface Caller {
  readonly identity: Identity
  /** A token may do what it carries, and a password what its owner may; both are asked at the resource. */
  may(access: Access): boolean | Promise<boolean>
}

const BEARER = /^bearer +([^ ]+) *$/i

export function identify(
  c: AppContext,
  parts: Parts,
): Caller | undefined | Promise<Caller | undefined> {
  const header = c.req.header('authorization')
  if (header === undefined) return undefined
  const token = BEARER.exec(header)?.[1]
  if (token === undefined) return identifyBasic(header, c, parts)
  const content = parts.tokens.verify(token)
  return content instanceof Promise
    ? content.then((verified) => tokenCaller(verified, c, parts))
    : tokenCaller(content, c, parts)
}

function tokenCaller(content: RegistryToken | undefined, c: AppContext, parts: Parts): Caller {
  if (!content) {
    throw new ChallengeError(c, parts, 'the token has expired or is not of this registry', {
      error: 'invalid_token',
    })
  }
  return {
    identity: content.identity,
    may: ({ type, name, actions }) =>
      actions.every((action) => allows(content.access, type, name, action)),
  }
}

async function identifyBasic(header: string, c: AppContext, parts: Parts): Promise<Caller> {
  const identity = await authenticate(header, c, parts)
  return {
    identity,
    may: async (access) => {
      const [granted] = await parts.registry.rights.grant(identity, [access])
      return access.actions.every((action) => action === '*' || granted?.actions.includes(action))
        ? granted !== undefined
        : false
    },
  }
}

/** The identity behind a Basic header; refuses with a challenge, or with the time to wait. */
export async function authenticate(header: string, c: AppContext, parts: Parts): Promise<Identity> {
  const credentials = parseBasic(header)
  if (!credentials) {
    throw new ChallengeError(
      c,
      parts,
      'send a registry token (Bearer) or a user name and password (Basic)',
    )
  }
  const from = c.env?.remoteAddress ?? ''
  return identityOf({ ...credentials, from }, c, parts)
}

export async function identityOf(
  credentials: { readonly username: string; readonly password: string; readonly from: string },
  c: AppContext,
  parts: Parts,
): Promise<Identity> {
  const answer = await parts.identities.identify(credentials)
  if (!isRefusal(answer)) return answer
  const { reason, retryAfter } = answer
  if (retryAfter !== undefined) throw new RegistryError('TOOMANYREQUESTS', reason, { retryAfter })
  throw new ChallengeError(c, parts, reason)
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
  const caller = identify(c, parts)
  return caller instanceof Promise
    ? caller.then((identified) => admit(identified, c, parts, named, actions))
    : admit(caller, c, parts, named, actions)
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
  if (may === true) return admitted
  return Promise.resolve(may).then((does) => (does ? admitted : refuse(admitted, c, parts, access)))
}

async function refuse(
  { repository, caller }: Authorised,
  c: AppContext,
  parts: Parts,
  access: Access,
): Promise<never> {
  // The token endpoint grants nothing on a name that cannot be; say that, rather than ask for another token.
  if (isDeep(repository)) await parts.registry.projects.admit(repository)
  throw new ChallengeError(
    c,
    parts,
    `${caller.identity.user} may not ${access.actions.join(', ')} here`,
    {
      access,
      error: 'insufficient_scope',
    },
  )
}

/** A scope is repeated to the client only when it names a repository that can be. */
function asked(named: string, actions: readonly Action[]): Access | undefined {
  try {
    return { type: 'repository', name: parseRepositoryName(named), actions }
  } catch {
    return undefined
  }
}
