/** Projects exist before a push; each decides who may pull without a name, and how deep its repositories' names go. */
import { RegistryError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Table } from '../ports/table.ts'
import { defined } from '../records/defined.ts'
import { PROJECTS, projectKey, projectListKey } from '../records/keys.ts'
import { projectRecord, type ProjectRecord } from '../records/project-record.ts'
import { isDeep, projectOf, type ProjectName, type RepositoryName } from '../repository-name.ts'

export interface ProjectSettings {
  readonly public?: boolean
  readonly deepNames?: boolean
}

export class Projects {
  readonly #table: Table
  readonly #clock: Clock

  constructor(table: Table, clock: Clock) {
    this.#table = table
    this.#clock = clock
  }

  async find(project: ProjectName): Promise<ProjectRecord | undefined> {
    const item = await this.#table.get(projectKey(project))
    return item && projectRecord(item)
  }

  /** False when it exists already; its settings then stay as they are. */
  async create(project: ProjectName, settings: ProjectSettings = {}): Promise<boolean> {
    const outcome = await this.#table.transact([
      {
        put: projectKey(project),
        item: {
          public: settings.public ?? false,
          deepNames: settings.deepNames ?? false,
          createdAt: this.#clock.now(),
        },
        when: 'absent',
      },
      { put: projectListKey(project), item: {} },
    ])
    return outcome.ok
  }

  /** False when there is no such project. */
  async change(project: ProjectName, settings: ProjectSettings): Promise<boolean> {
    const set = defined(settings)
    if (Object.keys(set).length === 0) return (await this.find(project)) !== undefined
    const outcome = await this.#table.transact([
      { update: projectKey(project), set, when: 'present' },
    ])
    return outcome.ok
  }

  async *list(): AsyncGenerator<ProjectName> {
    for (let after: string | undefined; ;) {
      const page = await this.#table.query(PROJECTS, { limit: 1000, ...(after ? { after } : {}) })
      for (const record of page.records) yield record.sk as ProjectName
      if (page.next === undefined) return
      after = page.next
    }
  }

  /** Refuses a repository that its project cannot hold. */
  async admit(repository: RepositoryName): Promise<ProjectRecord> {
    return admitted(repository, await this.find(projectOf(repository)))
  }
}

/** The same decision for whoever has read the project's record along with others. */
export function admitted(
  repository: RepositoryName,
  project: ProjectRecord | undefined,
): ProjectRecord {
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
  return project
}
