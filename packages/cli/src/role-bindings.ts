/** Who has which role in a place: bindings, as `oc` finds, makes and changes them. */
import type { ApiClient, ApiObject } from './api-client.ts'
import { CommandError } from './command-error.ts'
import { dryRunQuery, type DryRun } from './dry-run.ts'
import { listAll } from './list-pages.ts'

export const RBAC_GROUP = 'rbac.authorization.k8s.io'
export const RBAC = `/apis/${RBAC_GROUP}/v1`

export interface Subject {
  readonly kind: string
  readonly name: string
  readonly namespace?: string
  readonly apiGroup?: string
}

export type Target = 'group' | 'user'

export const subjectsNamed = (target: Target, names: readonly string[]): readonly Subject[] =>
  names.map((name) => ({
    kind: target === 'user' ? 'User' : 'Group',
    name,
    apiGroup: RBAC_GROUP,
  }))

export interface RoleRef {
  readonly kind: 'ClusterRole' | 'Role'
  readonly name: string
}

export interface Binding extends ApiObject {
  readonly roleRef: RoleRef
  readonly subjects?: readonly Subject[]
}

const same = (one: Subject, other: Subject): boolean =>
  one.kind === other.kind &&
  one.name === other.name &&
  (one.namespace ?? '') === (other.namespace ?? '')

/** Of one project, or of all when there is none. Every change answers the bindings that it made. */
export class RoleBindings {
  readonly #client: ApiClient
  readonly #path: string
  readonly #kind: string
  readonly #dryRun: DryRun | undefined

  constructor(client: ApiClient, namespace: string | undefined, dryRun: DryRun | undefined) {
    this.#client = client
    this.#path =
      namespace === undefined
        ? `${RBAC}/clusterrolebindings`
        : `${RBAC}/namespaces/${encodeURIComponent(namespace)}/rolebindings`
    this.#kind = namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding'
    this.#dryRun = dryRun
  }

  async all(): Promise<readonly Binding[]> {
    return (await listAll(this.#client, this.#path)) as readonly Binding[]
  }

  /** `named`: the binding to use; without it one of the role's name, or a new one. */
  async add(role: RoleRef, subjects: readonly Subject[], named?: string): Promise<void> {
    const all = await this.all()
    const ofRole = all.filter((one) => isOf(one, role))
    const missing = subjects.filter(
      (one) => !ofRole.some(({ subjects: has = [] }) => has.some((other) => same(one, other))),
    )
    if (missing.length === 0) return
    const binding = ofRole.find(({ metadata }) => metadata.name === (named ?? role.name))
    if (binding) {
      await this.#replace(binding, [...(binding.subjects ?? []), ...missing])
      return
    }
    const name = named ?? free(role.name, new Set(all.map(({ metadata }) => metadata.name)))
    if (this.#dryRun === 'client') return
    await this.#client.object('POST', `${this.#path}?${dryRunQuery(this.#dryRun)}`, {
      apiVersion: `${RBAC_GROUP}/v1`,
      kind: this.#kind,
      metadata: { name },
      roleRef: { apiGroup: RBAC_GROUP, ...role },
      subjects: missing,
    })
  }

  /** From every binding of the role, or of all roles; answers those that lost one. */
  async remove(
    role: RoleRef | undefined,
    subjects: readonly Subject[],
  ): Promise<readonly Binding[]> {
    const changed: Binding[] = []
    for (const binding of await this.all()) {
      if (role && !isOf(binding, role)) continue
      const { subjects: has = [] } = binding
      const left = has.filter((one) => !subjects.some((other) => same(one, other)))
      if (left.length === has.length) continue
      await this.#replace(binding, left)
      changed.push(binding)
    }
    if (role && changed.length === 0) {
      const names = subjects.map(({ name }) => name).join(' ')
      throw new CommandError(`error: unable to find target [${names}]`)
    }
    return changed
  }

  /** A binding of nobody goes. */
  async #replace(binding: Binding, subjects: readonly Subject[]): Promise<void> {
    if (this.#dryRun === 'client') return
    const to = `${this.#path}/${encodeURIComponent(binding.metadata.name)}?${dryRunQuery(this.#dryRun)}`
    if (subjects.length === 0) await this.#client.object('DELETE', to)
    else await this.#client.object('PUT', to, { ...binding, subjects })
  }
}

const isOf = ({ roleRef }: Binding, { kind, name }: RoleRef): boolean =>
  roleRef.kind === kind && roleRef.name === name

function free(role: string, taken: ReadonlySet<string>): string {
  for (let at = -1; ; at++) {
    const name = at < 0 ? role : `${role}-${at}`
    if (!taken.has(name)) return name
  }
}
