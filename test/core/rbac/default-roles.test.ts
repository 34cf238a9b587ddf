/**
 * The default roles against a table of what OpenShift's are: each verb of each resource that concerns images, projects,
 * metrics and bindings is allowed where the table says so, and nowhere else.
 */
import { ruleAllows } from '@sluice/core/rbac/rule-allows'
import type { ProjectName } from '@sluice/core/repository-name'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTemporaryRegistry, type TemporaryRegistry } from '../../temporary-registry.ts'

const IMAGE = ['', 'image.openshift.io']
const PROJECT = ['', 'project.openshift.io']
const BINDING = ['', 'authorization.openshift.io', 'rbac.authorization.k8s.io']

/** In which groups each resource is, of which a role allows all or none. */
const RESOURCES: Readonly<Record<string, readonly string[]>> = {
  images: IMAGE,
  imagesignatures: IMAGE,
  imagestreams: IMAGE,
  'imagestreams/layers': IMAGE,
  'imagestreams/secrets': IMAGE,
  'imagestreams/status': IMAGE,
  imagestreamimages: IMAGE,
  imagestreamimports: IMAGE,
  imagestreammappings: IMAGE,
  imagestreamtags: IMAGE,
  imagetags: IMAGE,
  'registry/metrics': ['image.openshift.io'],
  namespaces: [''],
  projects: PROJECT,
  projectrequests: PROJECT,
  serviceaccounts: [''],
  'serviceaccounts/token': [''],
  secrets: [''],
  limitranges: [''],
  resourcequotas: [''],
  roles: BINDING,
  rolebindings: BINDING,
  clusterroles: BINDING,
  clusterrolebindings: BINDING,
}

const READ = 'get list watch'
const ALL = `${READ} create update patch delete deletecollection`
const VERBS = ALL.split(' ')

type Rights = Readonly<Record<string, string>>

const streams = (verbs: string): Rights => ({
  imagestreams: verbs,
  imagestreamimages: verbs,
  imagestreammappings: verbs,
  imagestreamtags: verbs,
  imagetags: verbs,
})
const VIEWER: Rights = {
  ...streams(READ),
  'imagestreams/layers': 'get',
  namespaces: 'get',
  projects: 'get',
}
const EDITOR: Rights = {
  ...streams(ALL),
  'imagestreams/secrets': ALL,
  'imagestreams/layers': 'get update',
  imagestreamimports: 'create',
  serviceaccounts: ALL,
  // In Kubernetes it is `edit` that gives this.
  'serviceaccounts/token': 'create',
  secrets: ALL,
  namespaces: 'get',
  projects: 'get',
}
const ADMIN: Rights = { ...EDITOR, roles: ALL, rolebindings: ALL, projects: 'get delete' }
const LIMITS: Rights = { limitranges: READ, resourcequotas: READ }

const ROLES: Readonly<Record<string, Rights>> = {
  'registry-viewer': VIEWER,
  'registry-editor': EDITOR,
  'registry-admin': ADMIN,
  'registry-monitoring': { 'registry/metrics': 'get' },
  view: { ...VIEWER, ...LIMITS },
  edit: { ...EDITOR, ...LIMITS },
  admin: { ...ADMIN, ...LIMITS, projects: 'get delete update patch' },
  'cluster-admin': Object.fromEntries(Object.keys(RESOURCES).map((one) => [one, ALL])),
  'cluster-reader': {
    ...streams(READ),
    ...LIMITS,
    images: READ,
    imagesignatures: READ,
    'imagestreams/layers': 'get',
    namespaces: READ,
    projects: READ,
    serviceaccounts: READ,
    roles: READ,
    rolebindings: READ,
    clusterroles: READ,
    clusterrolebindings: READ,
  },
  'self-provisioner': { projectrequests: 'create' },
  'self-access-reviewer': {},
  'basic-user': { projectrequests: 'list', projects: 'list watch', clusterroles: 'get list' },
  'system:image-puller': { 'imagestreams/layers': 'get' },
  'system:image-pusher': { 'imagestreams/layers': 'get update' },
  'system:image-builder': { 'imagestreams/layers': 'get update', imagestreams: 'create' },
  'system:image-signer': {
    images: 'get',
    'imagestreams/layers': 'get',
    imagesignatures: 'create delete',
  },
  'system:image-auditor': { images: `${READ} patch update` },
  'system:image-pruner': {
    images: `${READ} delete`,
    imagestreams: READ,
    'imagestreams/status': 'update',
    limitranges: 'list',
  },
  'system:deployer': { imagestreamtags: 'create update', imagetags: 'create update' },
  'system:registry': {
    imagestreamimages: 'get',
    'imagestreams/layers': 'get',
    'imagestreams/secrets': 'get',
    imagestreams: 'get update',
    imagestreamtags: 'delete',
    images: 'get update create',
    imagestreammappings: 'create',
    limitranges: 'list',
    resourcequotas: 'list',
  },
}

let opened: TemporaryRegistry
beforeAll(async () => {
  opened = await openTemporaryRegistry()
  await opened.registry.projects.create('team' as ProjectName)
})
afterAll(() => opened.close())

it.each(Object.entries(ROLES))('%s is as OpenShift has it', async (name, rights) => {
  const rules = await opened.registry.rights.rulesOfRole('team', { kind: 'ClusterRole', name })
  for (const [whole, groups] of Object.entries(RESOURCES)) {
    const [resource = '', subresource] = whole.split('/')
    for (const group of groups) {
      const object = { group, resource, ...(subresource !== undefined && { subresource }) }
      const allowed = VERBS.filter((verb) =>
        rules.some((rule) => ruleAllows(rule, { verb, ...object })),
      )
      const wanted = (rights[whole] ?? '').split(' ').filter((verb) => verb !== '')
      expect({ ...object, allowed: allowed.toSorted() }).toEqual({
        ...object,
        allowed: wanted.toSorted(),
      })
    }
  }
})

it('these are all that every registry has, but for the parts that others gather', async () => {
  const { objects } = await opened.registry.clusterRoles.list(undefined, { limit: 100 })
  const names = objects.map(({ meta }) => meta.name)
  const parts = names.filter((name) => name.startsWith('system:openshift:aggregate-to-'))
  expect(names.toSorted()).toEqual([...Object.keys(ROLES), ...parts].toSorted())
})

it('everyone who is logged in is bound to what OpenShift binds them to', async () => {
  const { objects } = await opened.registry.clusterRoleBindings.list(undefined, { limit: 100 })
  const bound = objects.map(({ content: { roleRef, subjects } }) => [
    roleRef.name,
    subjects.map(({ kind, name }) => `${kind} ${name}`),
  ])
  expect(Object.fromEntries(bound)).toEqual({
    'basic-user': ['Group system:authenticated'],
    'cluster-admin': ['Group system:cluster-admins', 'Group system:masters'],
    'cluster-reader': ['Group system:cluster-readers'],
    'self-access-reviewer': ['Group system:authenticated'],
    'self-provisioner': ['Group system:authenticated:oauth'],
  })
})
