/** Which project is meant: the one that is said, else the one of the resources, else the one that the user is in. */
import { REGISTRY_NAMESPACE } from './registry-namespace.ts'
import type { NamedResource } from './resource-names.ts'
import type { CommonOptions, Session } from './session.ts'

export function projectAsked(
  session: Session,
  options: CommonOptions,
  resources: readonly NamedResource[],
): string {
  const parts = resources.every(({ plural }) => plural === 'pods')
  return parts ? (options.namespace ?? REGISTRY_NAMESPACE) : session.project(options)
}
