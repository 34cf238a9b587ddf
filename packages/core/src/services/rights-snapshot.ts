/** The roles and bindings of the registry, or of one project, as they were at one moment, ready to be asked. */
import type { BindingContent, RoleContent, RoleRef, Subject } from '../rbac/binding.ts'
import type { Rule } from '../rbac/rule.ts'
import { principalOf } from '../records/subject-record.ts'
import type { ProjectRecord } from '../records/project-record.ts'
import type { StoredObject } from '../stored-object.ts'

export interface HeldRole {
  readonly binding: { readonly name: string; readonly namespace?: string }
  readonly role: RoleRef
  readonly subject: Subject
}

/** With the rules of the role. */
export interface Held extends HeldRole {
  readonly rules: readonly Rule[]
}

/** By `User#<name>` and `Group#<name>`. */
export type Holders = ReadonlyMap<string, readonly HeldRole[]>

export interface ProjectRights {
  readonly name: string
  readonly project: ProjectRecord | undefined
  readonly roles: ReadonlyMap<string, readonly Rule[]>
  readonly holders: Holders
}

export function holdersOf(bindings: Iterable<StoredObject<BindingContent>>): Holders {
  const holders = new Map<string, HeldRole[]>()
  for (const { meta, content } of bindings) {
    const { name, namespace } = meta
    const binding = namespace === undefined ? { name } : { name, namespace }
    for (const subject of content.subjects) {
      const { kind, name: of } = principalOf(subject)
      const key = `${kind}#${of}`
      const held = holders.get(key) ?? []
      held.push({ binding, role: content.roleRef, subject })
      holders.set(key, held)
    }
  }
  return holders
}

export class ClusterRights {
  readonly holders: Holders
  readonly #roles: ReadonlyMap<string, StoredObject<RoleContent>>
  readonly #rules = new Map<string, readonly Rule[]>()

  constructor(
    roles: ReadonlyMap<string, StoredObject<RoleContent>>,
    bindings: Iterable<StoredObject<BindingContent>>,
  ) {
    this.#roles = roles
    this.holders = holdersOf(bindings)
  }

  get roleNames(): Iterable<string> {
    return this.#roles.keys()
  }

  /** Its own and those of all that it gathers; none where there is no such role. */
  rules(name: string): readonly Rule[] {
    const known = this.#rules.get(name)
    if (known) return known
    const gathered = new Set<string>()
    this.#gather(name, gathered)
    const rules = [...gathered].flatMap((one) => this.#roles.get(one)?.content.rules ?? [])
    this.#rules.set(name, rules)
    return rules
  }

  /** Roles may gather one another in a circle. */
  #gather(name: string, gathered: Set<string>): void {
    if (gathered.has(name)) return
    gathered.add(name)
    const selectors = this.#roles.get(name)?.content.aggregationRule?.clusterRoleSelectors ?? []
    for (const { matchLabels } of selectors) {
      const wanted = Object.entries(matchLabels)
      for (const [other, { meta }] of this.#roles) {
        if (wanted.every(([label, value]) => meta.labels[label] === value)) {
          this.#gather(other, gathered)
        }
      }
    }
  }
}
