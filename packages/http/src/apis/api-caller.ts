/** Who asks the admin API, and for whom he says he acts. */
import { ObjectError } from '@sluice/core/object-error'
import { ANONYMOUS, type Identity } from '@sluice/core/ports/identity-provider'
import type { AppContext, Parts } from '../app-environment.ts'
import { identify } from '../caller.ts'
import { ChallengeError } from '../challenge.ts'

/** A registry token is for what it names under /v2, and opens nothing here. */
export async function apiCaller(c: AppContext, parts: Parts): Promise<Identity> {
  const caller = await identify(c, parts)
  if (caller?.byToken) {
    throw new ChallengeError(c, parts, 'a registry token opens /v2 alone', {
      error: 'invalid_token',
    })
  }
  const identity = caller?.identity ?? ANONYMOUS
  const user = c.req.header('impersonate-user')
  const group = c.req.header('impersonate-group')
  if (user === undefined && group === undefined) return identity
  if (!user) {
    throw new ObjectError(
      'BadRequest',
      'requested groups to impersonate without a user: send Impersonate-User',
    )
  }
  return impersonated(identity, user, group, parts)
}

/** https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation */
async function impersonated(
  by: Identity,
  user: string,
  listed: string | undefined,
  { registry }: Parts,
): Promise<Identity> {
  const groups = (listed ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user)
  const asked = [
    account
      ? { resource: 'serviceaccounts', namespace: account[1]!, name: account[2]! }
      : { resource: 'users', name: user },
    ...groups.map((name) => ({ resource: 'groups', name })),
  ]
  for (const one of asked) {
    const attributes = { verb: 'impersonate', group: '', ...one }
    if (await registry.rights.may(by, attributes, { fresh: true })) continue
    throw new ObjectError(
      'Forbidden',
      `${one.resource} "${one.name}" is forbidden: User "${by.user}" cannot impersonate resource "${one.resource}" in API group "" at the cluster scope`,
    )
  }
  const own = account ? ['system:serviceaccounts', `system:serviceaccounts:${account[1]}`] : []
  const known = user === ANONYMOUS.user ? ANONYMOUS.groups : ['system:authenticated']
  return { user, groups: [...new Set([...groups, ...own, ...known])], impersonator: by.user }
}
