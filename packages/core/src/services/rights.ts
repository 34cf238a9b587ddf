/**
 * Who may do what: OpenShift's roles, bound to users, groups and service accounts for one project or for all. Deny by
 * default. A right that was given counts at once, since no answer "no" comes from what was read before; one that was taken
 * away may last for `Policy.rightsAge`.
 */
import type { Access, Action } from '../access.ts'
import { IMAGE_GROUP, type Attributes, type ResourceAttributes } from '../rbac/attributes.ts'
import type { RoleRef } from '../rbac/binding.ts'
import { ruleAllows } from '../rbac/rule-allows.ts'
import { uncovered } from '../rbac/rules-cover.ts'
import type { Rule } from '../rbac/rule.ts'
import type { Identity } from '../ports/identity-provider.ts'
import type { Table } from '../ports/table.ts'
import { subjectPk, subjectRecord } from '../records/subject-record.ts'
import {
  isDeep,
  parseRepositoryName,
  projectOf,
  type ProjectName,
  type RepositoryName,
} from '../repository-name.ts'
import { actionAttributes, METRICS } from './access-attributes.ts'
import type { Decision } from './decision.ts'
import { decisionOf } from './decisions.ts'
import { allows, held, isMaster, rulesOf, type Read } from './held-roles.ts'
import { allRecords } from './all-records.ts'
import type { RightsReader } from './rights-reader.ts'
import { RightsReading } from './rights-reading.ts'
import { whoCan, type WhoCan } from './who-can.ts'

export { ADMINISTRATORS } from './held-roles.ts'

const ACTIONS: readonly Action[] = ['pull', 'push', 'delete']

export class Rights {
  readonly #table: Table
  readonly #reader: RightsReader

  constructor(table: Table, reader: RightsReader) {
    this.#table = table
    this.#reader = reader
  }

  /** `fresh`: by what is bound now, not a moment ago. */
  async may(
    identity: Identity,
    asked: Attributes,
    { fresh = false }: { readonly fresh?: boolean } = {},
  ): Promise<boolean> {
    if (isMaster(identity)) return true
    return this.#holds(this.#reading(), identity, asked, fresh)
  }

  async why(identity: Identity, asked: Attributes): Promise<Decision> {
    const read = await this.#reading().now(namespaceOf(asked))
    return decisionOf(identity, asked, [...held(identity, read)], read.cluster)
  }

  /** Why an access is not granted, for the eyes of whoever asked. */
  async reason(identity: Identity, { name, actions }: Access): Promise<string> {
    const repository = parseRepositoryName(name)
    for (const asked of actions.flatMap(
      (action) => actionAttributes(action, repository).at(-1) ?? [],
    )) {
      const decision = await this.why(identity, asked)
      if (!decision.allowed) return decision.reason
    }
    return 'the project does not exist, or holds no such repository'
  }

  /** All rules that hold for the caller there; without a project, those that hold everywhere. */
  async rulesOf(identity: Identity, namespace: string | undefined): Promise<readonly Rule[]> {
    const read = await this.#reading().now(namespace)
    const rules = [...held(identity, read)].flatMap((one) => one.rules)
    return [...new Map(rules.map((rule) => [JSON.stringify(rule), rule])).values()]
  }

  /** The parts of rules that the caller lacks there, and so may not hand on. */
  async lacks(
    identity: Identity,
    namespace: string | undefined,
    rules: readonly Rule[],
  ): Promise<readonly Rule[]> {
    if (isMaster(identity)) return []
    return uncovered(await this.rulesOf(identity, namespace), rules)
  }

  /** The rules of a role as they are now; none where there is no such role. */
  async rulesOfRole(namespace: string | undefined, roleRef: RoleRef): Promise<readonly Rule[]> {
    return rulesOf(roleRef, await this.#reading().now(namespace))
  }

  /** Users and groups that a role lets do it, sorted; service accounts are users. */
  async whoCan(asked: ResourceAttributes): Promise<WhoCan> {
    return whoCan(await this.#reading().now(asked.namespace), asked)
  }

  /** The part of what is asked that the caller has; never more. What has no part is left out. */
  async grant(identity: Identity, asked: readonly Access[]): Promise<readonly Access[]> {
    const reading = this.#reading()
    const granted: Access[] = []
    for (const access of asked) {
      const has = await this.#actions(reading, identity, access)
      const actions = access.actions.includes('*')
        ? has
        : access.actions.filter((action) => has.includes(action))
      if (actions.length > 0) granted.push({ ...access, actions })
    }
    return granted
  }

  async mayPull(identity: Identity, repository: RepositoryName): Promise<boolean> {
    const actions = await this.#ofRepository(this.#reading(), identity, repository, ['pull'])
    return actions.includes('pull')
  }

  /** Whether a push may make a repository there that does not exist; one that does exist needs less. */
  mayCreate(identity: Identity, repository: RepositoryName): Promise<boolean> {
    return this.may(identity, {
      verb: 'create',
      group: IMAGE_GROUP,
      resource: 'imagestreams',
      namespace: projectOf(repository),
    })
  }

  /** The projects whose repositories the caller may know of. */
  visible(identity: Identity): Promise<'all' | readonly ProjectName[]> {
    return this.projectsWhere(identity, {
      verb: 'get',
      group: IMAGE_GROUP,
      resource: 'imagestreams',
      subresource: 'layers',
    })
  }

  /** The projects, in no order, in which the caller may do it; `all` where that holds without regard to one. */
  async projectsWhere(
    identity: Identity,
    asked: ResourceAttributes,
  ): Promise<'all' | readonly ProjectName[]> {
    const reading = this.#reading()
    if (isMaster(identity) || (await this.#holds(reading, identity, asked))) return 'all'
    const everywhere = await reading.now(undefined)
    const projects = new Set<ProjectName>()
    for (const pk of partitionsOf(identity)) {
      for (const { sk, item } of await allRecords(this.#table, pk)) {
        const { project, roleRef } = subjectRecord(sk, item)
        if (projects.has(project as ProjectName)) continue
        const able =
          roleRef.kind === 'ClusterRole'
            ? rulesOf(roleRef, everywhere).some((rule) => ruleAllows(rule, asked))
            : await this.#holds(reading, identity, { ...asked, namespace: project })
        if (able) projects.add(project as ProjectName)
      }
    }
    return [...projects]
  }

  async #actions(
    reading: RightsReading,
    identity: Identity,
    access: Access,
  ): Promise<readonly Action[]> {
    if (access.type === 'repository') {
      return this.#ofRepository(reading, identity, parseRepositoryName(access.name), access.actions)
    }
    // The catalogue shows everyone what is hers to see.
    if (access.name === 'catalog') return ['*']
    if (access.name !== 'metrics') return []
    return isMaster(identity) || (await this.#holds(reading, identity, METRICS)) ? ['*'] : []
  }

  async #ofRepository(
    reading: RightsReading,
    identity: Identity,
    repository: RepositoryName,
    asked: readonly Action[],
  ): Promise<readonly Action[]> {
    const project = projectOf(repository)
    // A token for a deep name proves that its project allows such, so that a request need not ask again.
    if (isDeep(repository)) {
      if (!(await reading.holds(project, false, allowsDeepNames))) return []
    }
    if (isMaster(identity)) return ACTIONS
    const wanted = asked.includes('*') ? ACTIONS : asked
    const has: Action[] = []
    for (const action of wanted) {
      if (await this.#mayAct(reading, identity, repository, action)) has.push(action)
    }
    return has
  }

  #mayAct(
    reading: RightsReading,
    identity: Identity,
    repository: RepositoryName,
    action: Action,
  ): Promise<boolean> {
    return reading.holds(projectOf(repository), false, (read) =>
      actionAttributes(action, repository).some((all) =>
        all.every((asked) => allows(identity, asked, read)),
      ),
    )
  }

  #holds(
    reading: RightsReading,
    identity: Identity,
    asked: Attributes,
    fresh = false,
  ): Promise<boolean> {
    return reading.holds(namespaceOf(asked), fresh, (read) => allows(identity, asked, read))
  }

  #reading(): RightsReading {
    return new RightsReading(this.#reader)
  }
}

const allowsDeepNames = ({ project }: Read): boolean => project?.project?.deepNames === true

const namespaceOf = (asked: Attributes): string | undefined =>
  'path' in asked ? undefined : asked.namespace

const partitionsOf = ({ user, groups }: Identity): readonly string[] => [
  subjectPk('User', user),
  ...groups.map((group) => subjectPk('Group', group)),
]
