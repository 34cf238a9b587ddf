/**
 * Where a user or a group has a role (`subject#<kind>#<name> <project>#<binding>`): what a binding in a project leaves in
 * its own transaction, so that a caller's projects are found without reading all. A service account is a user here.
 */
import type { BindingContent, RoleRef, Subject } from '../rbac/binding.ts'
import type { Item, Key, Write } from '../ports/table.ts'
import { objectRecord } from './object-record.ts'
import { ROLE_BINDING_PREFIX, SUBJECT_PREFIX } from './keys.ts'

export const subjectPk = (kind: 'User' | 'Group', name: string): string =>
  `${SUBJECT_PREFIX}${kind}#${name}`

/** The row that a public project leaves; no binding has this name, since `#` is in none. */
const PUBLIC = '#public'

/** What everyone has in a public project. */
export const PUBLIC_ROLE: RoleRef = { kind: 'ClusterRole', name: 'system:image-puller' }

export const EVERYONE = ['system:unauthenticated', 'system:authenticated'] as const

export const publicKey = (group: (typeof EVERYONE)[number], project: string): Key => ({
  pk: subjectPk('Group', group),
  sk: `${project}#${PUBLIC}`,
})

export const serviceAccountUser = (project: string, name: string): string =>
  `system:serviceaccount:${project}:${name}`

/** The user or group that a subject stands for. */
export const principalOf = ({
  kind,
  name,
  namespace,
}: Subject): { readonly kind: 'User' | 'Group'; readonly name: string } =>
  kind === 'ServiceAccount'
    ? { kind: 'User', name: serviceAccountUser(namespace ?? '', name) }
    : { kind, name }

export const subjectKey = (subject: Subject, project: string, binding: string): Key => {
  const { kind, name } = principalOf(subject)
  return { pk: subjectPk(kind, name), sk: `${project}#${binding}` }
}

export const subjectItem = ({ kind, name }: RoleRef): Item => ({ roleKind: kind, roleName: name })

export const subjectRecord = (
  sk: string,
  item: Item,
): { readonly project: string; readonly roleRef: RoleRef } => ({
  project: sk.slice(0, sk.indexOf('#')),
  roleRef: { kind: item.roleKind as RoleRef['kind'], name: item.roleName as string },
})

/** What goes with a record of a project: the rows of a binding's subjects. */
export function subjectRowsOf(project: string, sk: string, item: Item): readonly Write[] {
  if (!sk.startsWith(ROLE_BINDING_PREFIX)) return []
  const name = sk.slice(ROLE_BINDING_PREFIX.length)
  const { content } = objectRecord<BindingContent>(item, name, project)
  const keys = content.subjects.map((subject) => subjectKey(subject, project, name))
  return [...new Map(keys.map((key) => [JSON.stringify(key), key])).values()].map((key) => ({
    delete: key,
  }))
}
