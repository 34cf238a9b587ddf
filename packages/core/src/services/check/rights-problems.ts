/**
 * The rows that say where a user or a group has a role, against the bindings that leave them; and what projects left that
 * are gone, which the next of that name would begin with.
 */
import type { Key, Write } from '../../ports/table.ts'
import type { RoleRef } from '../../rbac/binding.ts'
import { projectKey, projectPk, ROLE_BINDING_PREFIX, SUBJECT_PREFIX } from '../../records/keys.ts'
import { EVERYONE, PUBLIC_ROLE, publicKey, subjectItem } from '../../records/subject-record.ts'
import type { ProjectName } from '../../repository-name.ts'
import type { Gathered } from './gathered.ts'
import type { Problem } from './problem.ts'

export function* rightsProblems(gathered: Gathered): Generator<Problem> {
  yield* leftObjects(gathered)
  const { bindings, publicProjects, rows } = gathered.rights
  for (const [sk, { partitions, roleRef, version }] of bindings) {
    const guard: Write = { check: bindingKey(sk), when: { equals: { version } } }
    for (const pk of partitions) yield* rowProblems(gathered, { pk, sk }, roleRef, guard)
  }
  for (const project of publicProjects) {
    const guard: Write = { check: projectKey(project), when: { equals: { public: true } } }
    for (const group of EVERYONE) {
      yield* rowProblems(gathered, publicKey(group, project), PUBLIC_ROLE, guard)
    }
  }
  for (const [pk, skOf] of rows) {
    for (const sk of skOf.keys()) yield* unknownRow(gathered, { pk, sk })
  }
}

function* leftObjects({ projects, rights }: Gathered): Generator<Problem> {
  for (const [project, names] of rights.objects) {
    if (projects.has(project)) continue
    for (const sk of names) {
      const rows = rights.bindings.get(`${project}#${nameOf(sk)}`)?.partitions
      const isBinding = sk.startsWith(ROLE_BINDING_PREFIX)
      const deletes = [...((isBinding && rows) || [])].map((pk) => ({
        delete: { pk, sk: `${project}#${nameOf(sk)}` },
      }))
      const transaction: Write[] = [
        { delete: { pk: projectPk(project), sk } },
        ...deletes,
        { check: projectKey(project), when: 'absent' },
      ]
      yield {
        kind: 'project-object-unknown',
        where: `project ${project} ${sk}`,
        detail: 'there is no such project',
        repair: { transactions: [transaction] },
      }
    }
  }
}

function* rowProblems(
  { projects, rights }: Gathered,
  key: Key,
  roleRef: RoleRef,
  guard: Write,
): Generator<Problem> {
  if (!projects.has(projectOfRow(key.sk))) return
  const row = rights.rows.get(key.pk)?.get(key.sk)
  if (row?.kind === roleRef.kind && row.name === roleRef.name) return
  yield {
    kind: row ? 'subject-wrong' : 'subject-missing',
    where: whereOf(key),
    detail: row
      ? `it says ${row.kind} ${row.name} and not ${roleRef.kind} ${roleRef.name}`
      : 'there is no row that lists the project for whoever is bound',
    repair: { transactions: [[{ put: key, item: subjectItem(roleRef) }, guard]] },
  }
}

function* unknownRow({ projects, rights }: Gathered, key: Key): Generator<Problem> {
  const { pk, sk } = key
  const project = projectOfRow(sk)
  const isPublic = EVERYONE.some((group) => {
    const row = publicKey(group, project)
    return row.pk === pk && row.sk === sk
  })
  const binding = rights.bindings.get(sk)
  if (isPublic ? rights.publicProjects.has(project) : binding?.partitions.has(pk)) return
  const guard: Write = isPublic
    ? { check: projectKey(project), when: projects.has(project) ? NOT_PUBLIC : 'absent' }
    : {
        check: bindingKey(sk),
        when: binding ? { equals: { version: binding.version } } : 'absent',
      }
  yield {
    kind: 'subject-unknown',
    where: whereOf(key),
    detail: 'nothing binds it there',
    repair: { transactions: [[{ delete: key }, guard]] },
  }
}

const NOT_PUBLIC = { equals: { public: false } } as const

const nameOf = (sk: string): string => sk.slice(sk.indexOf('#') + 1)

const projectOfRow = (sk: string): ProjectName => sk.slice(0, sk.indexOf('#')) as ProjectName

const bindingKey = (sk: string): Key => ({
  pk: projectPk(projectOfRow(sk)),
  sk: ROLE_BINDING_PREFIX + nameOf(sk),
})

const whereOf = ({ pk, sk }: Key): string =>
  `project ${projectOfRow(sk)} binding ${nameOf(sk)} ${pk.slice(SUBJECT_PREFIX.length)}`
