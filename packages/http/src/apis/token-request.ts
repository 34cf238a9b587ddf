/** A token for a service account. https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/ */
import { ObjectError } from '@sluice/core/object-error'
import type { AppContext, Parts } from '../app-environment.ts'
import { baseUrl } from '../base-url.ts'
import { membersOf, textsOf, timeOf, badRequest, type Members } from './wire-object.ts'

const SHORTEST = 600
/** A year: a token that lives longer is one that nobody remembers. */
const LONGEST = 31_536_000
const USUAL = 3600

export async function requestToken(
  c: AppContext,
  { registry, apiTokens, ...parts }: Parts,
  namespace: string,
  name: string,
  object: Members,
): Promise<Members> {
  const account = await registry.serviceAccounts.get(namespace, name)
  if (!account) throw new ObjectError('NotFound', `serviceaccounts "${name}" not found`)
  const spec = membersOf(object['spec'], 'spec')
  const seconds = spec['expirationSeconds'] ?? USUAL
  if (typeof seconds !== 'number' || !Number.isInteger(seconds))
    throw badRequest('spec.expirationSeconds must be a whole number')
  const field = 'spec.expirationSeconds'
  if (seconds < SHORTEST || seconds > LONGEST) {
    const message = `Invalid value: ${seconds}: may not specify a duration less than ${SHORTEST} or more than ${LONGEST} seconds`
    const what = `TokenRequest.authentication.k8s.io "${name}" is invalid: ${field}: ${message}`
    throw new ObjectError('Invalid', what, [{ field, message, reason: 'FieldValueInvalid' }])
  }
  const audiences = textsOf(spec['audiences'], 'spec.audiences')
  // A registry token says itself what it is good for: nobody else may make one.
  if (audiences.includes(parts.service))
    throw badRequest(`spec.audiences: ${parts.service} is the registry's own`)
  const { token, expiresAt } = await apiTokens.issue({
    identity: { user: `system:serviceaccount:${namespace}:${name}`, groups: [] },
    issuer: baseUrl(c, { registry, apiTokens, ...parts }),
    audiences,
    lifetimeSeconds: seconds,
    serviceAccount: { namespace, name, uid: account.meta.uid },
  })
  return {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace },
    spec: { audiences, expirationSeconds: seconds, boundObjectRef: null },
    status: { token, expirationTimestamp: timeOf(expiresAt) },
  }
}
