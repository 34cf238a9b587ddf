/** Files what says who may do what: a project's record, its objects, and the rows of subjects. */
import type { TableRecord } from '../../ports/table.ts'
import type { BindingContent } from '../../rbac/binding.ts'
import { META, PROJECT_PREFIX, ROLE_BINDING_PREFIX } from '../../records/keys.ts'
import { objectRecord, versionOf } from '../../records/object-record.ts'
import { projectRecord } from '../../records/project-record.ts'
import { subjectKey, subjectRecord } from '../../records/subject-record.ts'
import type { ProjectName } from '../../repository-name.ts'
import type { Gathered } from './gathered.ts'

export function gatherProjectRecord(gathered: Gathered, { pk, sk, item }: TableRecord): void {
  const project = pk.slice(PROJECT_PREFIX.length) as ProjectName
  const { bindings, objects, publicProjects } = gathered.rights
  if (sk === META) {
    gathered.projects.add(project)
    if (projectRecord(item).public) publicProjects.add(project)
    return
  }
  const others = objects.get(project)
  if (others) others.push(sk)
  else objects.set(project, [sk])
  if (!sk.startsWith(ROLE_BINDING_PREFIX)) return
  const name = sk.slice(ROLE_BINDING_PREFIX.length)
  const { roleRef, subjects } = objectRecord<BindingContent>(item, name, project).content
  const partitions = subjects.map((subject) => subjectKey(subject, project, name).pk)
  bindings.set(`${project}#${name}`, {
    version: versionOf(item),
    roleRef,
    partitions: new Set(partitions),
  })
}

export function gatherSubjectRow({ rights }: Gathered, { pk, sk, item }: TableRecord): void {
  const { roleRef } = subjectRecord(sk, item)
  const rows = rights.rows.get(pk)
  if (rows) rows.set(sk, roleRef)
  else rights.rows.set(pk, new Map([[sk, roleRef]]))
}
