/** Users and groups that a role lets do something, by what was read; service accounts are users. */
import type { ResourceAttributes } from '../rbac/attributes.ts'
import { ruleAllows } from '../rbac/rule-allows.ts'
import { MASTERS, publicRoles, rulesOf, type Read } from './held-roles.ts'
import type { HeldRole } from './rights-snapshot.ts'

/** Each sorted, without regard to who belongs to which group. */
export interface WhoCan {
  readonly users: readonly string[]
  readonly groups: readonly string[]
}

export function whoCan(read: Read, asked: ResourceAttributes): WhoCan {
  const { cluster, project } = read
  const users = new Set<string>()
  const groups = new Set(MASTERS)
  const lets = ({ role }: HeldRole): boolean =>
    rulesOf(role, read).some((rule) => ruleAllows(rule, asked))
  for (const holders of [cluster.holders, ...(project?.project ? [project.holders] : [])]) {
    for (const [holder, roles] of holders) {
      if (!roles.some(lets)) continue
      const name = holder.slice(holder.indexOf('#') + 1)
      if (holder.startsWith('User#')) users.add(name)
      else groups.add(name)
    }
  }
  for (const one of publicRoles(project)) if (lets(one)) groups.add(one.subject.name)
  return { users: [...users].toSorted(), groups: [...groups].toSorted() }
}
