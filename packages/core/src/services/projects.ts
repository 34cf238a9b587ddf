/** Projects exist before a push; each decides who may pull without a name, and how deep its repositories' names go. */
import { randomUUID } from 'node:crypto'
import { RegistryError } from '../errors.ts'
import { ObjectError } from '../object-error.ts'
import type { Clock } from '../ports/clock.ts'
import type { Table, Write } from '../ports/table.ts'
import { defined } from '../records/defined.ts'
import {
  CATALOG,
  catalogKey,
  MANIFEST_PREFIX,
  PROJECTS,
  projectKey,
  projectListKey,
  projectPk,
  repositoryKey,
  repositoryPk,
} from '../records/keys.ts'
import { projectRecord, type ProjectRecord } from '../records/project-record.ts'
import {
  EVERYONE,
  PUBLIC_ROLE,
  publicKey,
  subjectItem,
  subjectRowsOf,
} from '../records/subject-record.ts'
import { MAX_TRANSACTION_WRITES } from '../ports/table-limits.ts'
import { allRecords } from './all-records.ts'
import { refuseLarge } from './refuse-large.ts'
import type { ProjectLimits } from '../limits/project-limits.ts'
import { isDeep, projectOf, type ProjectName, type RepositoryName } from '../repository-name.ts'

export interface ProjectSettings {
  readonly public?: boolean
  readonly deepNames?: boolean
  /** The upstream that it caches, from its beginning on: such a project takes no pushes, and its names may be deep. */
  readonly upstream?: string
  /** From its beginning, whoever is logged in may pull. */
  readonly shared?: boolean
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

/** What every project has besides its record; `owner` is to be its administrator. */
export type Furnish = (
  project: ProjectName,
  owner: string | undefined,
  shared: boolean,
) => readonly Write[]

export class Projects {
  readonly #table: Table
  readonly #clock: Clock
  readonly #furnish: Furnish

  constructor(table: Table, clock: Clock, furnish: Furnish) {
    this.#table = table
    this.#clock = clock
    this.#furnish = furnish
  }

  async find(project: ProjectName): Promise<ProjectRecord | undefined> {
    const item = await this.#table.get(projectKey(project))
    return item && projectRecord(item)
  }

  /** False when it exists already; its settings then stay as they are. */
  async create(
    project: ProjectName,
    settings: ProjectSettings = {},
    owner?: string,
  ): Promise<boolean> {
    refuseLarge(settings)
    if (await this.#table.get(projectKey(project))) return false
    const isPublic = settings.public ?? false
    const outcome = await this.#table.transact([
      {
        put: projectKey(project),
        item: {
          public: isPublic,
          deepNames: settings.deepNames ?? settings.upstream !== undefined,
          ...(settings.upstream === undefined ? {} : { upstream: settings.upstream }),
          createdAt: this.#clock.now(),
          uid: randomUUID(),
          version: this.#clock.now(),
          labels: settings.labels ?? {},
          annotations: settings.annotations ?? {},
        },
        when: 'absent',
      },
      { put: projectListKey(project), item: {} },
      ...(isPublic ? publicRows(project, true) : []),
      ...this.#furnish(project, owner, settings.shared ?? false),
    ])
    return outcome.ok
  }

  /** False when there is no such project, or it is no longer of the version given. */
  async change(
    project: ProjectName,
    settings: Omit<ProjectSettings, 'upstream' | 'shared'>,
    version?: number,
  ): Promise<boolean> {
    refuseLarge(settings)
    const set = defined(settings)
    const before = await this.find(project)
    if (!before || (version !== undefined && before.version !== version)) return false
    if (Object.keys(set).length === 0) return true
    const next = Math.max(this.#clock.now(), before.version + 1)
    const outcome = await this.#table.transact([
      {
        update: projectKey(project),
        set: { ...set, version: next },
        when: version === undefined ? 'present' : { equals: { version } },
      },
      ...(settings.public === undefined ? [] : publicRows(project, settings.public)),
    ])
    return outcome.ok
  }

  /**
   * Removes a project without images, with its roles, bindings and service accounts. Of one with images it removes
   * nothing: Conflict. False when there is no such project.
   */
  async remove(project: ProjectName): Promise<boolean> {
    if (!(await this.find(project))) return false
    const catalogue = await allRecords(this.#table, CATALOG, `${project}/`)
    for (const { sk } of catalogue) {
      const pk = repositoryPk(sk as RepositoryName)
      const images = await this.#table.query(pk, { prefix: MANIFEST_PREFIX, limit: 1 })
      if (images.records.length > 0) {
        const detail = `repository ${sk} still holds images: delete them first`
        const message = `Operation cannot be fulfilled on projects.project.openshift.io "${project}": ${detail}`
        throw new ObjectError('Conflict', message)
      }
    }
    const listed = catalogue.flatMap(({ sk }): Write[] => {
      const repository = sk as RepositoryName
      return [{ delete: catalogKey(repository) }, { delete: repositoryKey(repository) }]
    })
    await this.#removeAll([...listed, ...publicRows(project, false)])
    await this.#removeObjects(project)
    const outcome = await this.#table.transact([
      { delete: projectKey(project), when: 'present' },
      { delete: projectListKey(project) },
    ])
    // Until then somebody may have bound something: a project of the same name must not begin with that. If there is
    // one already, what lies there is its own.
    await this.#removeObjects(project, [{ check: projectKey(project), when: 'absent' }])
    return outcome.ok
  }

  async #removeObjects(project: ProjectName, guards: readonly Write[] = []): Promise<void> {
    const records = await allRecords(this.#table, projectPk(project))
    const writes = records
      .filter(({ sk }) => sk.includes('#'))
      .flatMap(({ pk, sk, item }): Write[] => [
        { delete: { pk, sk } },
        ...subjectRowsOf(project, sk, item),
      ])
    await this.#removeAll(writes, guards)
  }

  async #removeAll(writes: readonly Write[], guards: readonly Write[] = []): Promise<void> {
    const most = MAX_TRANSACTION_WRITES - guards.length
    for (let at = 0; at < writes.length; at += most) {
      const outcome = await this.#table.transact([...writes.slice(at, at + most), ...guards])
      if (!outcome.ok) return
    }
  }

  async *list(): AsyncGenerator<ProjectName> {
    for (let after: string | undefined; ;) {
      const page = await this.#table.query(PROJECTS, { limit: 1000, ...(after ? { after } : {}) })
      for (const record of page.records) yield record.sk as ProjectName
      if (page.next === undefined) return
      after = page.next
    }
  }

  /** Refuses a repository that its project cannot hold, or takes no pushes to; answers what limits a push. */
  async admit(repository: RepositoryName): Promise<ProjectLimits | undefined> {
    const project = await this.find(projectOf(repository))
    admitted(repository, project)
    return project?.limits
  }

  /** Refuses a repository that its project cannot hold. */
  async admitName(repository: RepositoryName): Promise<void> {
    admittedName(repository, await this.find(projectOf(repository)))
  }
}

/** So that a caller's projects are found without reading all: a public one is everyone's. */
const publicRows = (project: ProjectName, isPublic: boolean): Write[] =>
  EVERYONE.map((group) => {
    const key = publicKey(group, project)
    const item = subjectItem(PUBLIC_ROLE)
    return isPublic ? { put: key, item } : { delete: key }
  })

/** The same decision for whoever has read the project's record along with others. */
export function admitted(repository: RepositoryName, project: ProjectRecord | undefined): void {
  admittedName(repository, project)
  if (project?.upstream === undefined) return
  throw new RegistryError(
    'DENIED',
    `project ${projectOf(repository)} caches upstream ${project.upstream}: push to a project of your own`,
  )
}

function admittedName(repository: RepositoryName, project: ProjectRecord | undefined): void {
  if (!project) {
    throw new RegistryError(
      'DENIED',
      `project ${projectOf(repository)} does not exist: create it before you push to it`,
    )
  }
  if (isDeep(repository) && !project.deepNames) {
    throw new RegistryError(
      'NAME_INVALID',
      `project ${projectOf(repository)} holds repositories named <project>/<name>, exactly two levels`,
    )
  }
}

/** For what comes from the upstream itself. */
export function admittedToCache(
  repository: RepositoryName,
  project: ProjectRecord | undefined,
): void {
  if (project?.upstream !== undefined) return
  throw new RegistryError('NAME_UNKNOWN', `project ${projectOf(repository)} caches no upstream`)
}
