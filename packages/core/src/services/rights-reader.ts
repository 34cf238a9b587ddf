/**
 * Roles and bindings as they are read for decisions: the registry's in one query, a project's in another. What was read is
 * kept for a while (`Policy.rightsAge`): a right that was taken away may last so long, one that was given does not wait
 * (`rights.ts`).
 */
import { BOOTSTRAPPING, DEFAULT_CLUSTER_ROLES } from '../rbac/default-cluster-roles.ts'
import { DEFAULT_CLUSTER_ROLE_BINDINGS } from '../rbac/default-cluster-role-bindings.ts'
import type { BindingContent, RoleContent } from '../rbac/binding.ts'
import { BoundedMap } from '../bounded-map.ts'
import type { Clock } from '../ports/clock.ts'
import type { Table, TableRecord } from '../ports/table.ts'
import { CLUSTER, META, projectPk } from '../records/keys.ts'
import { isGone, objectRecord } from '../records/object-record.ts'
import { projectRecord } from '../records/project-record.ts'
import { isProjectName } from '../repository-name.ts'
import type { Policy } from '../policy.ts'
import type { StoredObject } from '../stored-object.ts'
import { allRecords } from './all-records.ts'
import { ClusterRights, holdersOf, type ProjectRights } from './rights-snapshot.ts'

/** Kept at once; the one read longest ago goes first. */
const MOST_PROJECTS = 1000

interface Kept<T> {
  readonly rights: T
  readonly readAt: number
}

const defaultMeta = (name: string, labels: Readonly<Record<string, string>>) => ({
  name,
  uid: `default:${name}`,
  resourceVersion: '1',
  createdAt: 0,
  labels,
  annotations: {} as Readonly<Record<string, string>>,
})

export const defaultClusterRoles: readonly StoredObject<RoleContent>[] = DEFAULT_CLUSTER_ROLES.map(
  ({ name, labels, description, ...content }) => ({
    meta: {
      ...defaultMeta(name, labels),
      ...(description === undefined
        ? {}
        : { annotations: { 'openshift.io/description': description } }),
    },
    content,
  }),
)

export const defaultClusterRoleBindings: readonly StoredObject<BindingContent>[] =
  DEFAULT_CLUSTER_ROLE_BINDINGS.map(({ name, ...content }) => ({
    meta: defaultMeta(name, BOOTSTRAPPING),
    content,
  }))

export class RightsReader {
  readonly #table: Table
  readonly #clock: Clock
  readonly #age: number
  #cluster: Kept<ClusterRights> | undefined
  readonly #projects = new BoundedMap<string, Kept<ProjectRights>>(MOST_PROJECTS)

  constructor(table: Table, clock: Clock, { rightsAge }: Policy) {
    this.#table = table
    this.#clock = clock
    this.#age = rightsAge
  }

  /** What was kept, if that is young enough; asked `fresh`, what is there now. `kept`: it may have changed since. */
  async cluster(
    fresh: boolean,
  ): Promise<{ readonly rights: ClusterRights; readonly kept: boolean }> {
    if (!fresh && this.#isYoung(this.#cluster)) return { rights: this.#cluster.rights, kept: true }
    const readAt = this.#clock.now()
    const rights = await this.#readCluster()
    this.#cluster = { rights, readAt }
    return { rights, kept: false }
  }

  async project(
    name: string,
    fresh: boolean,
  ): Promise<{ readonly rights: ProjectRights; readonly kept: boolean }> {
    const known = this.#projects.get(name)
    if (!fresh && this.#isYoung(known)) return { rights: known.rights, kept: true }
    const readAt = this.#clock.now()
    const rights = await this.#readProject(name)
    this.#projects.set(name, { rights, readAt })
    return { rights, kept: false }
  }

  #isYoung<T>(kept: Kept<T> | undefined): kept is Kept<T> {
    if (!kept) return false
    const age = this.#clock.now() - kept.readAt
    return age >= 0 && age < this.#age
  }

  async #readCluster(): Promise<ClusterRights> {
    const records = await allRecords(this.#table, CLUSTER, 'clusterrole')
    const roles = new Map(defaultClusterRoles.map((role) => [role.meta.name, role]))
    const bindings = new Map(defaultClusterRoleBindings.map((one) => [one.meta.name, one]))
    lay(roles, records, 'clusterrole#', undefined)
    lay(bindings, records, 'clusterrolebinding#', undefined)
    return new ClusterRights(roles, bindings.values())
  }

  async #readProject(name: string): Promise<ProjectRights> {
    // What a client asks about may be no key of a table.
    const records = isProjectName(name) ? await allRecords(this.#table, projectPk(name)) : []
    const roles = new Map<string, StoredObject<RoleContent>>()
    const bindings = new Map<string, StoredObject<BindingContent>>()
    lay(roles, records, 'role#', name)
    lay(bindings, records, 'rolebinding#', name)
    const meta = records.find(({ sk }) => sk === META)
    return {
      name,
      project: meta && projectRecord(meta.item),
      roles: new Map([...roles].map(([role, { content }]) => [role, content.rules])),
      holders: holdersOf(bindings.values()),
    }
  }
}

function lay<Content>(
  over: Map<string, StoredObject<Content>>,
  records: readonly TableRecord[],
  prefix: string,
  namespace: string | undefined,
): void {
  for (const { sk, item } of records) {
    if (!sk.startsWith(prefix)) continue
    const name = sk.slice(prefix.length)
    if (isGone(item)) over.delete(name)
    else over.set(name, objectRecord<Content>(item, name, namespace))
  }
}
