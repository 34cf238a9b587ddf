/**
 * Who may do what. For now there are two kinds of caller: the administrators, who may everything, and everyone, who may
 * pull from public projects. Deny by default.
 */
import type { Access, Action } from '../access.ts'
import type { Identity } from '../ports/identity-provider.ts'
import {
  isDeep,
  parseRepositoryName,
  projectOf,
  type ProjectName,
  type RepositoryName,
} from '../repository-name.ts'
import type { Projects } from './projects.ts'

export const ADMINISTRATORS = 'system:cluster-admins'

const ALL: readonly Action[] = ['pull', 'push', 'delete']

export class Rights {
  readonly #projects: Projects

  constructor(projects: Projects) {
    this.#projects = projects
  }

  /** The part of what is asked that the caller has; never more. What has no part is left out. */
  async grant(identity: Identity, asked: readonly Access[]): Promise<readonly Access[]> {
    const granted: Access[] = []
    for (const access of asked) {
      const has = await this.#actions(identity, access)
      const actions = access.actions.includes('*')
        ? has
        : access.actions.filter((action) => has.includes(action))
      if (actions.length > 0) granted.push({ ...access, actions })
    }
    return granted
  }

  async mayPull(identity: Identity, repository: RepositoryName): Promise<boolean> {
    return (await this.#ofRepository(identity, repository)).includes('pull')
  }

  /** The projects whose repositories the caller may know of. */
  async visible(identity: Identity): Promise<'all' | readonly ProjectName[]> {
    if (isAdministrator(identity)) return 'all'
    const projects: ProjectName[] = []
    for await (const project of this.#projects.list()) {
      if ((await this.#projects.find(project))?.public) projects.push(project)
    }
    return projects
  }

  async #actions(identity: Identity, access: Access): Promise<readonly Action[]> {
    if (access.type === 'registry') return mayUse(identity, access.name) ? ['*'] : []
    return this.#ofRepository(identity, parseRepositoryName(access.name))
  }

  async #ofRepository(identity: Identity, repository: RepositoryName): Promise<readonly Action[]> {
    // A token for a deep name proves that its project allows such, so that a request need not ask again.
    const project =
      isAdministrator(identity) && !isDeep(repository)
        ? undefined
        : await this.#projects.find(projectOf(repository))
    if (isDeep(repository) && !project?.deepNames) return []
    if (isAdministrator(identity)) return ALL
    return project?.public ? ['pull'] : []
  }
}

/** What belongs to no repository. The catalogue shows everyone what is hers to see. */
const mayUse = (identity: Identity, name: string): boolean =>
  name === 'catalog' || (name === 'metrics' && isAdministrator(identity))

const isAdministrator = (identity: Identity): boolean => identity.groups.includes(ADMINISTRATORS)
