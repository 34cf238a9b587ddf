import type { ResourceAttributes } from '@sluice/core/rbac/attributes'
import type { Registry } from '@sluice/core/registry'
import { forbidden } from './forbidden.ts'
import type { ResourceRequest } from './resource-request.ts'
import type { Verb } from './resource.ts'

const UNNAMED: readonly Verb[] = ['create', 'list', 'deletecollection']

/** Refuses whoever may not, in Kubernetes' words. */
export async function authoriseRequest(
  { rights }: Pick<Registry, 'rights'>,
  { resource, path, by }: ResourceRequest,
  verb: Verb,
): Promise<void> {
  // A project's own rights are those within it.
  const namespace =
    path.plural === 'projects' || path.plural === 'namespaces' ? path.name : path.namespace
  const asked: ResourceAttributes = {
    verb,
    group: resource.group,
    resource: resource.plural,
    ...(namespace === undefined ? {} : { namespace }),
    ...(UNNAMED.includes(verb) ? {} : { name: path.name ?? '' }),
  }
  if (await rights.may(by, asked, { fresh: true })) return
  throw forbidden(by, asked)
}
