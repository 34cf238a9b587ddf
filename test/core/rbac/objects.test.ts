/** Roles, bindings and service accounts as objects: who may write them, and what stays when several do. */
import type { Identity } from '@sluice/core/ports/identity-provider'
import type { BindingContent, RoleContent } from '@sluice/core/rbac/binding'
import type { Rule } from '@sluice/core/rbac/rule'
import type { ProjectName } from '@sluice/core/repository-name'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTemporaryRegistry, type TemporaryRegistry } from '../../temporary-registry.ts'

const ADMIN: Identity = { user: 'kube:admin', groups: ['system:cluster-admins'] }
const ALICE: Identity = { user: 'alice', groups: ['system:authenticated'] }
const TEAM = 'team' as ProjectName

const PULL: Rule = {
  verbs: ['get'],
  apiGroups: ['image.openshift.io'],
  resources: ['imagestreams/layers'],
}

const bound = (role: string, ...users: string[]): BindingContent => ({
  roleRef: { kind: 'ClusterRole', name: role },
  subjects: users.map((name) => ({ kind: 'User', name })),
})
const ruled = (...rules: Rule[]): RoleContent => ({ rules })

const forbidden = (object: string, rules: string) => ({
  reason: 'Forbidden',
  message: `${object} is forbidden: user "alice" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n${rules}`,
})

const invalid = (message: RegExp) => ({
  reason: 'Invalid',
  message: expect.stringMatching(message) as string,
})

let opened: TemporaryRegistry
beforeEach(async () => {
  opened = await openTemporaryRegistry()
  await opened.registry.projects.create(TEAM, {}, 'alice')
})
afterEach(() => opened.close())

describe('an object', () => {
  it('is made once, found, listed in order and in pages, changed, and removed', async () => {
    const { roles } = opened.registry
    const made = await roles.create(ADMIN, TEAM, {
      name: 'puller',
      labels: { a: 'b' },
      content: ruled(PULL),
    })
    expect(made).toMatchObject({
      meta: { name: 'puller', namespace: TEAM, labels: { a: 'b' }, annotations: {} },
      content: { rules: [PULL] },
    })
    expect(await roles.get(TEAM, 'puller')).toEqual(made)
    await expect(
      roles.create(ADMIN, TEAM, { name: 'puller', content: ruled() }),
    ).rejects.toMatchObject({
      reason: 'AlreadyExists',
      message: 'roles.rbac.authorization.k8s.io "puller" already exists',
    })
    for (const name of ['b', 'a', 'c']) {
      await roles.create(ADMIN, TEAM, { name, content: ruled() })
    }
    const first = await roles.list(TEAM, { limit: 3 })
    expect(first.objects.map(({ meta }) => meta.name)).toEqual(['a', 'b', 'c'])
    const rest = await roles.list(TEAM, { limit: 3, after: first.next! })
    expect(rest).toEqual({ objects: [made] })

    const changed = await roles.replace(ADMIN, TEAM, { name: 'puller', content: ruled() })
    expect(changed.meta).toMatchObject({ uid: made.meta.uid, createdAt: made.meta.createdAt })
    expect(changed.meta.resourceVersion).not.toBe(made.meta.resourceVersion)
    expect(await roles.remove(ADMIN, TEAM, 'puller')).toEqual(changed)
    expect(await roles.get(TEAM, 'puller')).toBeUndefined()
    const gone = {
      reason: 'NotFound',
      message: 'roles.rbac.authorization.k8s.io "puller" not found',
    }
    await expect(roles.remove(ADMIN, TEAM, 'puller')).rejects.toMatchObject(gone)
    const draft = { name: 'puller', content: ruled() }
    await expect(roles.replace(ADMIN, TEAM, draft)).rejects.toMatchObject(gone)
    const again = await roles.create(ADMIN, TEAM, draft)
    expect(again.meta.uid).not.toBe(made.meta.uid)
  })

  it('is not changed by whoever saw an older one, nor by a dry run', async () => {
    const { serviceAccounts } = opened.registry
    const made = await serviceAccounts.create(ADMIN, TEAM, { name: 'ci', content: {} })
    const labels = { new: 'yes' }
    const { resourceVersion } = made.meta
    const draft = { name: 'ci', labels, content: {} }
    expect(
      (await serviceAccounts.replace(ADMIN, TEAM, draft, { dryRun: true })).meta.labels,
    ).toEqual(labels)
    expect(await serviceAccounts.get(TEAM, 'ci')).toEqual(made)
    await serviceAccounts.replace(ADMIN, TEAM, draft, { resourceVersion })
    const conflict = { reason: 'Conflict' }
    await expect(
      serviceAccounts.replace(ADMIN, TEAM, draft, { resourceVersion }),
    ).rejects.toMatchObject(conflict)
    await expect(
      serviceAccounts.remove(ADMIN, TEAM, 'ci', { resourceVersion }),
    ).rejects.toMatchObject(conflict)
    await expect(
      serviceAccounts.remove(ADMIN, TEAM, 'ci', { uid: 'another' }),
    ).rejects.toMatchObject(conflict)
  })

  it('needs a project that exists', async () => {
    const draft = { name: 'ci', content: {} }
    await expect(
      opened.registry.serviceAccounts.create(ADMIN, 'nowhere', draft),
    ).rejects.toMatchObject({ reason: 'NotFound', message: 'namespaces "nowhere" not found' })
  })

  it('changed by many at once has what each of them added', async () => {
    const { roleBindings } = opened.registry
    await roleBindings.create(ADMIN, TEAM, { name: 'many', content: bound('view') })
    const users = Array.from({ length: 12 }, (_, at) => `user-${at}`)
    const add = async (name: string): Promise<void> => {
      for (;;) {
        const { meta, content } = (await roleBindings.get(TEAM, 'many'))!
        const subjects = [...content.subjects, { kind: 'User', name } as const]
        const draft = { name: 'many', content: { ...content, subjects } }
        const done = await roleBindings
          .replace(ADMIN, TEAM, draft, { resourceVersion: meta.resourceVersion })
          .catch((error: unknown) => error)
        if (!(done instanceof Error)) return
        expect(done).toMatchObject({ reason: 'Conflict' })
      }
    }
    await Promise.all(users.map(add))
    const kept = await roleBindings.get(TEAM, 'many')
    expect(kept?.content.subjects.map(({ name }) => name).toSorted()).toEqual(users.toSorted())
    for (const user of users) {
      expect(await opened.registry.rights.visible({ user, groups: [] })).toEqual([TEAM])
    }
  })
})

describe('what every registry has', () => {
  it('can be changed, removed for good, and made anew', async () => {
    const { clusterRoleBindings: bindings, rights } = opened.registry
    const asked = { verb: 'create', group: 'project.openshift.io', resource: 'projectrequests' }
    const person = { user: 'carol', groups: ['system:authenticated', 'system:authenticated:oauth'] }
    expect(await rights.may(person, asked, { fresh: true })).toBe(true)
    const before = (await bindings.get(undefined, 'self-provisioners'))!
    await bindings.replace(ADMIN, undefined, {
      name: 'self-provisioners',
      content: { ...before.content, subjects: [] },
    })
    expect(await rights.may(person, asked, { fresh: true })).toBe(false)
    await bindings.remove(ADMIN, undefined, 'self-provisioners')
    expect(await bindings.get(undefined, 'self-provisioners')).toBeUndefined()
    const { objects } = await bindings.list(undefined, { limit: 100 })
    expect(objects.map(({ meta }) => meta.name)).not.toContain('self-provisioners')
    await bindings.create(ADMIN, undefined, {
      name: 'self-provisioners',
      content: bound('self-provisioner', 'carol'),
    })
    expect(await rights.may(person, asked, { fresh: true })).toBe(true)
  })

  it('never takes from the administrators what they need to put things right', async () => {
    const { clusterRoleBindings, rights } = opened.registry
    await clusterRoleBindings.remove(ADMIN, undefined, 'cluster-admins')
    const asked = { verb: 'delete', group: 'anything', resource: 'at-all' }
    expect(await rights.may(ADMIN, asked, { fresh: true })).toBe(true)
    expect((await rights.why(ADMIN, asked)).allowed).toBe(true)
    expect((await rights.whoCan(asked)).groups).toEqual(['system:cluster-admins', 'system:masters'])
  })
})

describe('nobody hands on what he has not', () => {
  it('by binding a role', async () => {
    const { roleBindings, clusterRoleBindings } = opened.registry
    const draft = (role: string) => ({ name: role, content: bound(role, 'bob') })
    await roleBindings.create(ALICE, TEAM, draft('registry-editor'))
    await expect(roleBindings.create(ALICE, TEAM, draft('cluster-admin'))).rejects.toMatchObject(
      forbidden(
        'rolebindings.rbac.authorization.k8s.io "cluster-admin"',
        '{APIGroups:["*"], Resources:["*"], Verbs:["*"]}\n{NonResourceURLs:["*"], Verbs:["*"]}',
      ),
    )
    await expect(
      clusterRoleBindings.create(ALICE, undefined, draft('system:image-puller')),
    ).rejects.toMatchObject({ reason: 'Forbidden' })
    const changed = { name: 'registry-editor', content: bound('registry-editor', 'bob', 'carol') }
    await roleBindings.replace(ALICE, TEAM, changed)
  })

  it('by writing a role, or by a label that puts its rules into another', async () => {
    const { roles, clusterRoles } = opened.registry
    await roles.create(ALICE, TEAM, { name: 'puller', content: ruled(PULL) })
    const more: Rule = {
      verbs: ['get', 'delete'],
      apiGroups: ['image.openshift.io'],
      resources: ['images'],
    }
    await expect(
      roles.replace(ALICE, TEAM, { name: 'puller', content: ruled(PULL, more) }),
    ).rejects.toMatchObject(
      forbidden(
        'roles.rbac.authorization.k8s.io "puller"',
        '{APIGroups:["image.openshift.io"], Resources:["images"], Verbs:["get" "delete"]}',
      ),
    )
    await clusterRoles.create(ADMIN, undefined, { name: 'strong', content: ruled(more) })
    const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' }
    await expect(
      clusterRoles.replace(ALICE, undefined, { name: 'strong', labels, content: ruled(more) }),
    ).rejects.toMatchObject({ reason: 'Forbidden' })
  })

  it('unless a rule lets him bind or escalate', async () => {
    const { clusterRoles, clusterRoleBindings, roleBindings } = opened.registry
    const group = 'rbac.authorization.k8s.io'
    const rules: Rule[] = [
      {
        verbs: ['bind'],
        apiGroups: [group],
        resources: ['clusterroles'],
        resourceNames: ['cluster-reader'],
      },
      { verbs: ['escalate'], apiGroups: [group], resources: ['clusterroles'] },
    ]
    await clusterRoles.create(ADMIN, undefined, { name: 'binder', content: { rules } })
    const content = bound('binder', 'alice')
    await clusterRoleBindings.create(ADMIN, undefined, { name: 'binder', content })
    const reader = { name: 'reader', content: bound('cluster-reader', 'bob') }
    await roleBindings.create(ALICE, TEAM, reader)
    await expect(
      roleBindings.create(ALICE, TEAM, { name: 'x', content: bound('cluster-admin', 'bob') }),
    ).rejects.toMatchObject({ reason: 'Forbidden' })
    const all: Rule = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] }
    await clusterRoles.create(ALICE, undefined, { name: 'all', content: ruled(all) })
  })
})

describe('what is wrong is said by its field', () => {
  it.each<[string, RoleContent, string]>([
    ['a b/c', ruled(), 'metadata.name'],
    ['', ruled(), 'metadata.name'],
    ['x', ruled({ ...PULL, verbs: [] }), 'rules[0].verbs'],
    ['x', ruled(PULL, { verbs: ['get'] }), 'rules[1].apiGroups'],
    ['x', ruled({ verbs: ['get'], nonResourceURLs: ['/x'] }), 'rules[0].nonResourceURLs'],
  ])('role "%s"', async (name, content, field) => {
    const refused = opened.registry.roles.create(ADMIN, TEAM, { name, content })
    await expect(refused).rejects.toMatchObject({ reason: 'Invalid' })
    const { causes } = (await refused.catch((error: unknown) => error)) as {
      causes: { field: string }[]
    }
    expect(causes[0]?.field).toBe(field)
  })

  it('an object is no larger than a record', async () => {
    const annotations = { large: 'l'.repeat(300_000) }
    await expect(
      opened.registry.serviceAccounts.create(ADMIN, TEAM, { name: 'x', annotations, content: {} }),
    ).rejects.toMatchObject({
      reason: 'RequestEntityTooLarge',
      message: 'Request entity too large: limit is 262144',
    })
  })

  it('a binding keeps its role, and has a subject of a kind, and not too many', async () => {
    const { roleBindings } = opened.registry
    await roleBindings.create(ADMIN, TEAM, { name: 'x', content: bound('view', 'bob') })
    await expect(
      roleBindings.replace(ADMIN, TEAM, { name: 'x', content: bound('edit', 'bob') }),
    ).rejects.toMatchObject(invalid(/roleRef: .*cannot change roleRef/))
    const many = bound('view', ...Array.from({ length: 46 }, (_, at) => `u${at}`))
    await expect(
      roleBindings.create(ADMIN, TEAM, { name: 'y', content: many }),
    ).rejects.toMatchObject(invalid(/subjects: Too many/))
    const account = { kind: 'ServiceAccount', name: 'ci' } as const
    await expect(
      roleBindings.create(ADMIN, TEAM, {
        name: 'y',
        content: { ...bound('view'), subjects: [account] },
      }),
    ).rejects.toMatchObject(invalid(/subjects\[0\]\.namespace: Required value/))
  })
})
