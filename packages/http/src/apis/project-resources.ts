/** Projects, and what Kubernetes calls them, as the admin API serves them. */
import { PROJECT_GROUP } from '@sluice/core/rbac/attributes'
import type { Registry } from '@sluice/core/registry'
import { AGE, NAME } from './columns.ts'
import { projectStore } from './project-store.ts'
import * as schemas from './resource-schemas.ts'
import type { Column, Resource } from './resource.ts'
import { membersOf, textOf } from './wire-object.ts'

const annotation =
  (name: string): Column['cell'] =>
  ({ metadata }) =>
    textOf(membersOf(metadata['annotations'], 'annotations')[name], name)

export function projectResources(registry: Registry): readonly Resource[] {
  const project = { apiVersion: `${PROJECT_GROUP}/v1`, kind: 'Project', plural: 'projects' }
  const namespace = { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces' }
  return [
    {
      group: PROJECT_GROUP,
      version: 'v1',
      kind: 'Project',
      plural: 'projects',
      singular: 'project',
      namespaced: false,
      verbs: ['create', 'delete', 'get', 'list', 'patch', 'update'],
      columns: [
        NAME,
        { name: 'Display Name', cell: annotation('openshift.io/display-name') },
        { name: 'Status', cell: () => 'Active' },
      ],
      schema: schemas.PROJECT,
      listsWhatMayBeGot: true,
      store: projectStore(registry, project),
    },
    {
      group: '',
      version: 'v1',
      kind: 'Namespace',
      plural: 'namespaces',
      singular: 'namespace',
      shortNames: ['ns'],
      namespaced: false,
      verbs: ['get', 'list'],
      columns: [NAME, { name: 'Status', cell: () => 'Active' }, AGE],
      schema: schemas.NAMESPACE,
      store: onlyRead(projectStore(registry, namespace)),
    },
  ]
}

/** Namespaces are made and removed as projects, whose automatic bindings they need. */
const onlyRead = ({ get, list }: Resource['store']): Resource['store'] => ({
  get,
  ...(list ? { list } : {}),
})
