import { ObjectError } from '@sluice/core/object-error'
import type { Identity } from '@sluice/core/ports/identity-provider'
import type { AppContext, Parts } from '../app-environment.ts'
import { answerJson } from './answer-json.ts'
import { forbidden } from './forbidden.ts'
import { notAllowed } from './not-allowed.ts'

/** `users/~` of `user.openshift.io`: who one is. The registry keeps no list of users, and knows whoever asks alone. */
export async function showUser(
  c: AppContext,
  { registry }: Parts,
  by: Identity,
  name: string,
): Promise<Response> {
  if (c.req.method !== 'GET') throw notAllowed()
  const check = { verb: 'get', group: 'user.openshift.io', resource: 'users', name }
  if (!(await registry.rights.may(by, check, { fresh: true }))) throw forbidden(by, check)
  if (name !== '~' && name !== by.user) {
    throw new ObjectError('NotFound', `users.user.openshift.io "${name}" not found`)
  }
  const metadata = {
    name: by.user,
    ...(by.uid === undefined ? {} : { uid: by.uid }),
    creationTimestamp: null,
  }
  const user = { kind: 'User', apiVersion: 'user.openshift.io/v1', metadata }
  return answerJson(c, 200, { ...user, identities: null, groups: by.groups })
}
