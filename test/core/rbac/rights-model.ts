/** Rights against a second, much simpler reading of the same roles and bindings, on any engine. */
import type { Identity } from '@sluice/core/ports/identity-provider'
import type { ResourceAttributes } from '@sluice/core/rbac/attributes'
import type { BindingContent, RoleContent, Subject } from '@sluice/core/rbac/binding'
import type { Rule } from '@sluice/core/rbac/rule'
import type { Registry } from '@sluice/core/registry'
import type { ProjectName } from '@sluice/core/repository-name'
import * as fc from 'fast-check'
import { expect } from 'vitest'

/** An empty registry, and what ends it. */
export type OpenRegistry = () => Promise<{
  readonly registry: Registry
  close(): Promise<void>
}>

const PROJECTS = ['one', 'two'] as const
const ADMIN: Identity = { user: 'root', groups: ['system:masters'] }
/** Names that no default role or binding has to do with. */
const GROUPS = ['g.example', 'h.example']
const RESOURCES = ['frogs', 'toads', 'frogs/legs']
const VERBS = ['see', 'eat']
const NAMES = ['kermit', 'gonzo']
const USERS = ['ann', 'bob', 'system:serviceaccount:one:ann']
const LABEL = 'example/gather'

const some = <T>(of: readonly T[], least = 1) => fc.subarray([...of], { minLength: least })
const starred = (of: readonly string[], ...stars: string[]) => some([...of, ...stars])

const rule: fc.Arbitrary<Rule> = fc.record({
  verbs: starred(VERBS, '*'),
  apiGroups: starred(GROUPS, '*'),
  resources: starred(RESOURCES, '*', '*/legs'),
  resourceNames: fc.oneof(fc.constant([]), some(NAMES)),
})
const clusterRole = fc.record({
  rules: fc.array(rule, { maxLength: 2 }),
  label: fc.boolean(),
  gathers: fc.boolean(),
})
const subject: fc.Arbitrary<Subject> = fc.oneof(
  fc.constantFrom('ann', 'bob').map((name) => ({ kind: 'User', name }) as const),
  fc.constantFrom('crew', 'staff').map((name) => ({ kind: 'Group', name }) as const),
  fc
    .constantFrom(...PROJECTS)
    .map((namespace) => ({ kind: 'ServiceAccount', name: 'ann', namespace }) as const),
)
const clusterRoles = fc.record({ a: clusterRole, b: clusterRole })
const roleRef = (kinds: readonly ('ClusterRole' | 'Role')[]) =>
  fc.record({ kind: fc.constantFrom(...kinds), name: fc.constantFrom('a', 'b', 'none') })
const binding = (kinds: readonly ('ClusterRole' | 'Role')[]) =>
  fc.record({ roleRef: roleRef(kinds), subjects: fc.array(subject, { maxLength: 3 }) })
const world = fc.record({
  clusterRoles,
  clusterBindings: fc.array(binding(['ClusterRole']), { maxLength: 2 }),
  roles: fc.record({ one: fc.record({ a: rule }), two: fc.record({ b: rule }) }),
  bindings: fc.array(
    fc.record({ project: fc.constantFrom(...PROJECTS), content: binding(['ClusterRole', 'Role']) }),
    { maxLength: 4 },
  ),
})
const question = fc.record({
  user: fc.constantFrom(...USERS),
  groups: fc.subarray(['crew', 'staff']),
  verb: fc.constantFrom(...VERBS),
  group: fc.constantFrom(...GROUPS),
  resource: fc.constantFrom(...RESOURCES),
  name: fc.option(fc.constantFrom(...NAMES), { nil: undefined }),
  namespace: fc.option(fc.constantFrom(...PROJECTS), { nil: undefined }),
})
type World = typeof world extends fc.Arbitrary<infer T> ? T : never
type Question = typeof question extends fc.Arbitrary<infer T> ? T : never

/** The second reading: no cache, no index, no order; by the words of the documentation. */
function expected(of: World, asked: Question): boolean {
  const everywhere = of.clusterBindings.map((content) => ({ content, project: undefined }))
  const there = of.bindings.filter(({ project }) => project === asked.namespace)
  return [...everywhere, ...there].some(
    ({ content, project }) =>
      content.subjects.some((who) => is(asked, who)) &&
      rulesOf(of, content, project).some((one) => says(one, asked)),
  )
}

function is({ user, groups }: Question, who: Subject): boolean {
  if (who.kind === 'Group') return groups.includes(who.name)
  if (who.kind === 'User') return user === who.name
  return user === `system:serviceaccount:${who.namespace}:${who.name}`
}

function rulesOf(of: World, { roleRef: to }: BindingContent, project?: 'one' | 'two'): Rule[] {
  if (to.kind === 'Role') {
    const roles: Record<string, Rule> = project ? of.roles[project] : {}
    return Object.entries(roles).flatMap(([name, one]) => (name === to.name ? [one] : []))
  }
  if (to.name !== 'a' && to.name !== 'b') return []
  const role = of.clusterRoles[to.name]
  const labelled = Object.values(of.clusterRoles).filter(({ label }) => label)
  // One that gathers gathers those that gather as well, which come down to the labelled ones.
  return [...role.rules, ...(role.gathers ? labelled.flatMap(({ rules }) => rules) : [])].concat(
    role.gathers && labelled.some(({ gathers }) => gathers)
      ? labelled.flatMap(({ rules }) => rules)
      : [],
  )
}

const among = (list: readonly string[] = [], wanted: string): boolean =>
  list.includes('*') || list.includes(wanted)

function says(one: Rule, { verb, group, resource, name }: Question): boolean {
  const ofAny = resource.includes('/') && one.resources?.includes(`*/${resource.split('/')[1]}`)
  const names = one.resourceNames ?? []
  return (
    among(one.verbs, verb) &&
    among(one.apiGroups, group) &&
    (among(one.resources, resource) || ofAny === true) &&
    (names.length === 0 || names.some((allowed) => allowed === name))
  )
}

/** Whatever roles and bindings there are, they decide as the documentation reads. */
export async function expectRights(
  openRegistry: OpenRegistry,
  runs: { readonly numRuns: number },
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(world, fc.array(question, { minLength: 10, maxLength: 20 }), (of, questions) =>
      check(openRegistry, of, questions),
    ),
    runs,
  )
}

async function check(
  openRegistry: OpenRegistry,
  of: World,
  questions: readonly Question[],
): Promise<void> {
  const opened = await openRegistry()
  const { registry } = opened
  try {
    for (const project of PROJECTS) await registry.projects.create(project as ProjectName)
    for (const [name, { rules, label, gathers }] of Object.entries(of.clusterRoles)) {
      const selector = { matchLabels: { [LABEL]: 'true' } }
      const content: RoleContent = {
        rules,
        ...(gathers ? { aggregationRule: { clusterRoleSelectors: [selector] } } : {}),
      }
      const labels: Record<string, string> = label ? { [LABEL]: 'true' } : {}
      await registry.clusterRoles.create(ADMIN, undefined, { name, labels, content })
    }
    for (const project of PROJECTS) {
      for (const [name, one] of Object.entries(of.roles[project])) {
        await registry.roles.create(ADMIN, project, { name, content: { rules: [one] } })
      }
    }
    for (const [at, content] of of.clusterBindings.entries()) {
      await registry.clusterRoleBindings.create(ADMIN, undefined, { name: `c${at}`, content })
    }
    for (const [at, { project, content }] of of.bindings.entries()) {
      await registry.roleBindings.create(ADMIN, project, { name: `b${at}`, content })
    }
    for (const asked of questions) {
      const { user, groups, verb, group, resource, name, namespace } = asked
      const [main = '', subresource] = resource.split('/')
      const attributes: ResourceAttributes = {
        verb,
        group,
        resource: main,
        ...(subresource === undefined ? {} : { subresource }),
        ...(name === undefined ? {} : { name }),
        ...(namespace === undefined ? {} : { namespace }),
      }
      const identity = { user, groups }
      const wanted = expected(of, asked)
      expect({ asked, may: await registry.rights.may(identity, attributes) }).toEqual({
        asked,
        may: wanted,
      })
      expect((await registry.rights.why(identity, attributes)).allowed).toBe(wanted)
      if (namespace === undefined) continue
      const { namespace: _, ...anywhere } = attributes
      const where = await registry.rights.projectsWhere(identity, anywhere)
      expect(where === 'all' || where.includes(namespace as ProjectName)).toBe(wanted)
    }
  } finally {
    await opened.close()
  }
}
