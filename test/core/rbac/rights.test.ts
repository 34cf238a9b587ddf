/** Who may do what, by the roles that OpenShift has. */
import type { Action } from '@sluice/core/access'
import { ANONYMOUS, type Identity } from '@sluice/core/ports/identity-provider'
import type { BindingContent, Subject } from '@sluice/core/rbac/binding'
import type { ProjectName, RepositoryName } from '@sluice/core/repository-name'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTemporaryRegistry, type TemporaryRegistry } from '../../temporary-registry.ts'

const TEAM = 'team' as ProjectName
const APP = 'team/app' as RepositoryName
const OTHER = 'other/app' as RepositoryName

const user = (name: string, ...groups: string[]): Identity => ({
  user: name,
  groups: [...groups, 'system:authenticated'],
})
const ADMIN: Identity = user('kube:admin', 'system:cluster-admins')
const ALICE = user('alice', 'developers')
const builder: Identity = user(
  'system:serviceaccount:team:builder',
  'system:serviceaccounts',
  'system:serviceaccounts:team',
)

const binding = (role: string, ...subjects: Subject[]): BindingContent => ({
  roleRef: { kind: 'ClusterRole', name: role },
  subjects,
})
const alice: Subject = { kind: 'User', name: 'alice' }

let opened: TemporaryRegistry
beforeEach(async () => {
  opened = await openTemporaryRegistry()
  await opened.registry.projects.create(TEAM)
  await opened.registry.projects.create('other' as ProjectName)
})
afterEach(() => opened.close())

async function actions(identity: Identity, name: RepositoryName = APP): Promise<readonly Action[]> {
  const asked: readonly Action[] = ['pull', 'push', 'delete']
  const [granted] = await opened.registry.rights.grant(identity, [
    { type: 'repository', name, actions: asked },
  ])
  return granted?.actions ?? []
}

const bind = (role: string, subject: Subject = alice, name = role.replace(':', '-')) =>
  opened.registry.roleBindings.create(ADMIN, TEAM, { name, content: binding(role, subject) })

describe('a role in a project', () => {
  it.each<[string, readonly Action[]]>([
    ['registry-viewer', ['pull']],
    ['registry-editor', ['pull', 'push', 'delete']],
    ['registry-admin', ['pull', 'push', 'delete']],
    ['system:image-puller', ['pull']],
    ['system:image-pusher', ['pull', 'push']],
    ['system:image-builder', ['pull', 'push']],
    ['view', ['pull']],
    ['edit', ['pull', 'push', 'delete']],
    ['admin', ['pull', 'push', 'delete']],
    ['cluster-admin', ['pull', 'push', 'delete']],
    ['system:image-pruner', []],
    ['self-provisioner', []],
    ['no-such-role', []],
  ])('%s lets its holder %j there and nothing elsewhere', async (role, expected) => {
    expect(await actions(ALICE)).toEqual([])
    await bind(role)
    expect(await actions(ALICE)).toEqual(expected)
    expect(await actions(ALICE, OTHER)).toEqual([])
    expect(await actions(user('mallory'))).toEqual([])
  })

  it('reaches the members of a group, and a service account of another project', async () => {
    await bind('registry-viewer', { kind: 'Group', name: 'developers' })
    expect(await actions(ALICE)).toEqual(['pull'])
    expect(await actions(user('alice'))).toEqual([])
    await bind('system:image-pusher', { kind: 'ServiceAccount', name: 'ci', namespace: 'other' })
    expect(await actions(user('system:serviceaccount:other:ci'))).toEqual(['pull', 'push'])
    expect(await actions(user('system:serviceaccount:team:ci'))).toEqual([])
  })

  it('reaches nobody without a login, unless it is bound to them', async () => {
    expect(await actions(ANONYMOUS)).toEqual([])
    await bind('system:image-puller', { kind: 'Group', name: 'system:unauthenticated' })
    expect(await actions(ANONYMOUS)).toEqual(['pull'])
  })

  it('may name single repositories', async () => {
    const { roles, roleBindings } = opened.registry
    const rule = {
      verbs: ['get'],
      apiGroups: ['image.openshift.io'],
      resources: ['imagestreams/layers'],
      resourceNames: ['app'],
    }
    await roles.create(ADMIN, TEAM, { name: 'one', content: { rules: [rule] } })
    const content = { roleRef: { kind: 'Role', name: 'one' }, subjects: [alice] } as const
    await roleBindings.create(ADMIN, TEAM, { name: 'one', content })
    expect(await actions(ALICE)).toEqual(['pull'])
    expect(await actions(ALICE, 'team/another' as RepositoryName)).toEqual([])
    expect(await opened.registry.rights.visible(ALICE)).toEqual([])
  })
})

describe('a project', () => {
  it('lets its own service accounts pull, its builder push, and its owner everything', async () => {
    expect(await actions(builder)).toEqual(['pull', 'push'])
    const other = user('system:serviceaccount:team:x', 'system:serviceaccounts:team')
    expect(await actions(other)).toEqual(['pull'])
    expect(await actions(builder, OTHER)).toEqual([])
    await opened.registry.projects.create('mine' as ProjectName, {}, 'alice')
    expect(await actions(ALICE, 'mine/app' as RepositoryName)).toEqual(['pull', 'push', 'delete'])
    expect(await opened.registry.rights.visible(ALICE)).toEqual(['mine'])
  })

  it('that is public lets everyone pull, logged in or not', async () => {
    await opened.registry.projects.change(TEAM, { public: true })
    for (const one of [ANONYMOUS, ALICE]) {
      expect(await actions(one)).toEqual(['pull'])
      expect(await opened.registry.rights.visible(one)).toEqual([TEAM])
    }
    await opened.registry.projects.change(TEAM, { public: false })
    opened.clock.advance(10_000)
    expect(await actions(ANONYMOUS)).toEqual([])
    expect(await opened.registry.rights.visible(ANONYMOUS)).toEqual([])
  })

  it('that is gone leaves no right to the next of its name', async () => {
    await bind('edit')
    const { projects, rights } = opened.registry
    expect(await projects.remove(TEAM)).toBe(true)
    expect(await projects.remove(TEAM)).toBe(false)
    await projects.create(TEAM)
    opened.clock.advance(10_000)
    expect(await actions(ALICE)).toEqual([])
    expect(await rights.visible(ALICE)).toEqual([])
    expect(await actions(builder)).toEqual(['pull', 'push'])
    expect((await opened.registry.checker.check({ deep: true, pause: 0 })).problems).toEqual([])
  })

  it('that is made again while it is removed keeps what it began with', async () => {
    const { table, registry } = opened
    const transact = table.transact.bind(table)
    table.transact = async (writes) => {
      const outcome = await transact(writes)
      const gone = writes.some((write) => 'delete' in write && write.delete.sk === 'meta')
      if (gone) await registry.projects.create(TEAM, {}, 'carol')
      return outcome
    }
    expect(await registry.projects.remove(TEAM)).toBe(true)
    const { objects } = await registry.roleBindings.list(TEAM, { limit: 10 })
    expect(objects.map(({ meta }) => meta.name)).toContain('admin')
    expect(await registry.rights.visible({ user: 'carol', groups: [] })).toEqual([TEAM])
  })
})

describe('a change of rights', () => {
  it('that gives counts at once, one that takes away after ten seconds at most', async () => {
    expect(await actions(ALICE)).toEqual([])
    await bind('registry-viewer')
    expect(await actions(ALICE)).toEqual(['pull'])
    await opened.registry.roleBindings.remove(ADMIN, TEAM, 'registry-viewer')
    const asked = {
      verb: 'get',
      group: 'image.openshift.io',
      resource: 'imagestreams',
      subresource: 'layers',
      namespace: TEAM,
    }
    expect(await opened.registry.rights.may(ALICE, asked, { fresh: true })).toBe(false)
    await bind('registry-viewer', alice, 'again')
    expect(await actions(ALICE)).toEqual(['pull'])
    await opened.registry.roleBindings.remove(ADMIN, TEAM, 'again')
    opened.clock.advance(10_000)
    expect(await actions(ALICE)).toEqual([])
  })
})

describe('why', () => {
  const pull = {
    verb: 'get',
    group: 'image.openshift.io',
    resource: 'imagestreams',
    subresource: 'layers',
    namespace: TEAM,
  }

  it('names the binding, the role and the rule that allow it', async () => {
    await bind('registry-viewer')
    expect(await opened.registry.rights.why(ALICE, pull)).toMatchObject({
      allowed: true,
      binding: { name: 'registry-viewer', namespace: TEAM },
      role: { kind: 'ClusterRole', name: 'registry-viewer' },
      rule: { verbs: ['get'], resources: ['imagestreams/layers'] },
      reason:
        'RBAC: allowed by RoleBinding "registry-viewer/team" of ClusterRole "registry-viewer" to User "alice"',
    })
  })

  it('names the roles that would, the weakest first', async () => {
    const decision = await opened.registry.rights.why(ALICE, pull)
    if (decision.allowed) throw new Error('allowed')
    const names = decision.roles.map(({ name }) => name)
    expect(names[0]).toBe('system:image-puller')
    expect(names).toContain('registry-viewer')
    expect(names).not.toContain('self-provisioner')
  })

  it('and who can: all whom a role lets, by name', async () => {
    await bind('registry-viewer')
    await bind('system:image-puller', { kind: 'ServiceAccount', name: 'ci', namespace: 'other' })
    expect(await opened.registry.rights.whoCan(pull)).toEqual({
      users: ['alice', 'system:serviceaccount:other:ci', 'system:serviceaccount:team:builder'],
      groups: [
        'system:cluster-admins',
        'system:cluster-readers',
        'system:masters',
        'system:serviceaccounts:team',
      ],
    })
  })
})
