/** All that the admin API serves as objects. */
import { IMAGE_GROUP, PROJECT_GROUP, RBAC_GROUP } from '@sluice/core/rbac/attributes'
import type { Registry } from '@sluice/core/registry'
import { collectionStore } from './collection-store.ts'
import { imageStore, imageStreamImageStore } from './image-store.ts'
import { imageStreamStore, tagsText } from './image-stream-store.ts'
import { imageStreamTagStore } from './image-stream-tag-store.ts'
import { projectStore } from './project-store.ts'
import { bindingForm, roleForm } from './rbac-forms.ts'
import * as schemas from './resource-schemas.ts'
import type { Column, Resource, Verb } from './resource.ts'
import { isMembers, listOf, membersOf, shownText, textOf, type WireObject } from './wire-object.ts'

const EVERY_VERB: readonly Verb[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
]

const NAME: Column = { name: 'Name', cell: ({ metadata }) => textOf(metadata['name'], 'name') }
const CREATED: Column = {
  name: 'Created At',
  type: 'date',
  cell: ({ metadata }) => textOf(metadata['creationTimestamp'], 'created'),
}
const AGE: Column = { ...CREATED, name: 'Age' }

const REFERENCE_COLUMNS: readonly Column[] = [
  NAME,
  {
    name: 'Image Reference',
    cell: ({ image }) => shownText(membersOf(image, 'image')['dockerImageReference']),
  },
  { ...AGE, name: 'Updated', type: 'string' },
]

const roleOf = ({ roleRef }: WireObject): string => {
  const { kind, name } = membersOf(roleRef, 'roleRef')
  return `${shownText(kind)}/${shownText(name)}`
}

const subjectsOf = (kind: string): Column => ({
  name: kind === 'ServiceAccount' ? 'ServiceAccounts' : `${kind}s`,
  priority: 1,
  cell: ({ subjects }) =>
    listOf(subjects, 'subjects')
      .filter(isMembers)
      .filter((subject) => subject['kind'] === kind)
      .map(({ name, namespace }) =>
        kind === 'ServiceAccount' ? `${shownText(namespace)}/${shownText(name)}` : shownText(name),
      )
      .join(', '),
})

const BINDING_COLUMNS: readonly Column[] = [
  NAME,
  { name: 'Role', cell: roleOf },
  AGE,
  subjectsOf('User'),
  subjectsOf('Group'),
  subjectsOf('ServiceAccount'),
]

const annotation =
  (name: string): Column['cell'] =>
  ({ metadata }) =>
    textOf(membersOf(metadata['annotations'], 'annotations')[name], name)

/** `host`: where images are pulled from, `''` where nobody knows. */
export function resourcesOf(registry: Registry, host: string): readonly Resource[] {
  const image = { group: IMAGE_GROUP, version: 'v1', namespaced: true }
  const rbac = { group: RBAC_GROUP, version: 'v1', verbs: EVERY_VERB }
  const project = { apiVersion: `${PROJECT_GROUP}/v1`, kind: 'Project', plural: 'projects' }
  const namespace = { apiVersion: 'v1', kind: 'Namespace', plural: 'namespaces' }
  return [
    {
      ...rbac,
      kind: 'ClusterRole',
      plural: 'clusterroles',
      singular: 'clusterrole',
      namespaced: false,
      columns: [NAME, CREATED],
      schema: schemas.CLUSTER_ROLE,
      store: collectionStore(registry.clusterRoles, roleForm('ClusterRole')),
    },
    {
      ...rbac,
      kind: 'ClusterRoleBinding',
      plural: 'clusterrolebindings',
      singular: 'clusterrolebinding',
      namespaced: false,
      columns: BINDING_COLUMNS,
      schema: schemas.CLUSTER_ROLE_BINDING,
      store: collectionStore(registry.clusterRoleBindings, bindingForm('ClusterRoleBinding')),
    },
    {
      ...rbac,
      kind: 'Role',
      plural: 'roles',
      singular: 'role',
      namespaced: true,
      columns: [NAME, CREATED],
      schema: schemas.ROLE,
      store: collectionStore(registry.roles, roleForm('Role')),
    },
    {
      ...rbac,
      kind: 'RoleBinding',
      plural: 'rolebindings',
      singular: 'rolebinding',
      namespaced: true,
      columns: BINDING_COLUMNS,
      schema: schemas.ROLE_BINDING,
      store: collectionStore(registry.roleBindings, bindingForm('RoleBinding')),
    },
    {
      group: '',
      version: 'v1',
      kind: 'ServiceAccount',
      plural: 'serviceaccounts',
      singular: 'serviceaccount',
      shortNames: ['sa'],
      namespaced: true,
      verbs: EVERY_VERB,
      columns: [NAME, { name: 'Secrets', cell: () => '0' }, AGE],
      schema: schemas.SERVICE_ACCOUNT,
      store: collectionStore(registry.serviceAccounts, {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        write: () => ({}),
        read: () => ({}),
      }),
    },
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
      ...image,
      kind: 'ImageStream',
      plural: 'imagestreams',
      singular: 'imagestream',
      shortNames: ['is'],
      verbs: ['delete', 'get', 'list'],
      columns: [
        NAME,
        {
          name: 'Image Repository',
          cell: ({ status }) => shownText(membersOf(status, 'status')['dockerImageRepository']),
        },
        { name: 'Tags', cell: tagsText },
      ],
      schema: schemas.IMAGE_STREAM,
      store: imageStreamStore(registry, host),
    },
    {
      ...image,
      kind: 'ImageStreamTag',
      plural: 'imagestreamtags',
      singular: 'imagestreamtag',
      shortNames: ['istag'],
      verbs: ['delete', 'get', 'list'],
      columns: REFERENCE_COLUMNS,
      schema: schemas.IMAGE_STREAM_TAG,
      store: imageStreamTagStore(registry, host),
    },
    {
      ...image,
      kind: 'ImageStreamImage',
      plural: 'imagestreamimages',
      singular: 'imagestreamimage',
      shortNames: ['isimage'],
      verbs: ['get'],
      columns: REFERENCE_COLUMNS,
      schema: schemas.IMAGE_STREAM_IMAGE,
      store: imageStreamImageStore(registry, host),
    },
    {
      ...image,
      namespaced: false,
      kind: 'Image',
      plural: 'images',
      singular: 'image',
      verbs: ['delete', 'get', 'list'],
      columns: [
        NAME,
        {
          name: 'Image Reference',
          cell: ({ dockerImageReference }) => shownText(dockerImageReference),
        },
      ],
      schema: schemas.IMAGE,
      store: imageStore(registry, host),
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
