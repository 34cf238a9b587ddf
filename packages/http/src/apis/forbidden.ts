/** A request that its caller has no right to, in Kubernetes' words. */
import { ObjectError } from '@sluice/core/object-error'
import type { Identity } from '@sluice/core/ports/identity-provider'
import type { ResourceAttributes } from '@sluice/core/rbac/attributes'

export function forbidden({ user }: Identity, asked: ResourceAttributes): ObjectError {
  const { verb, group, resource, subresource, namespace, name } = asked
  const what = subresource === undefined ? resource : `${resource}/${subresource}`
  const qualified = group === '' ? resource : `${resource}.${group}`
  const named = name === undefined ? qualified : `${qualified} "${name}"`
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`
  return new ObjectError(
    'Forbidden',
    `${named} is forbidden: User "${user}" cannot ${verb} resource "${what}" in API group "${group}" ${where}`,
  )
}
