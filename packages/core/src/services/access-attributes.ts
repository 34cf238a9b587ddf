/** What an access to a repository or to the registry is in the words of rights (OpenShift's registry). */
import type { Action } from '../access.ts'
import { IMAGE_GROUP, type ResourceAttributes } from '../rbac/attributes.ts'
import { projectOf, type RepositoryName } from '../repository-name.ts'

export const METRICS: ResourceAttributes = {
  verb: 'get',
  group: IMAGE_GROUP,
  resource: 'registry',
  subresource: 'metrics',
}

/** Of each list all must be allowed, and one list must be; `*` is none of its own. */
export function actionAttributes(
  action: Action,
  repository: RepositoryName,
): readonly (readonly ResourceAttributes[])[] {
  const namespace = projectOf(repository)
  const name = repository.slice(namespace.length + 1)
  const layers = (verb: string): ResourceAttributes => ({
    verb,
    group: IMAGE_GROUP,
    resource: 'imagestreams',
    subresource: 'layers',
    namespace,
    name,
  })
  switch (action) {
    case 'pull':
      return [[layers('get')]]
    case 'push':
      return [[layers('get'), layers('update')]]
    case 'delete':
      // OpenShift's registry asks for the first alone; here an editor of a project removes its images himself.
      return [
        [{ verb: 'delete', group: IMAGE_GROUP, resource: 'images' }],
        [{ verb: 'delete', group: IMAGE_GROUP, resource: 'imagestreams', namespace, name }],
      ]
    case '*':
      return []
  }
}
