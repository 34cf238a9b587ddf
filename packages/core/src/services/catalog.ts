/** The repositories of a registry, as far as the caller may see them (`_catalog`, distribution's API). */
import type { Table } from '../ports/table.ts'
import { CATALOG } from '../records/keys.ts'
import type { ProjectName, RepositoryName } from '../repository-name.ts'
import { pages } from './pages.ts'

export class Catalog {
  readonly #table: Table

  constructor(table: Table) {
    this.#table = table
  }

  /** In ASCII order, from behind `last`; of all projects, or of those named. */
  async list(
    projects: 'all' | readonly ProjectName[],
    limit: number,
    last?: string,
  ): Promise<{ readonly repositories: readonly RepositoryName[]; readonly more: boolean }> {
    if (projects === 'all') return this.#page(undefined, limit, last)
    const repositories: RepositoryName[] = []
    // Not the order of the projects' names: `a-b/x` comes before `a/x`.
    for (const prefix of projects.map((project) => `${project}/`).toSorted(byBytes)) {
      // All names of a project lie together: a project that ends before `last` has nothing more to show.
      if (last !== undefined && last > `${prefix}\u{10ffff}`) continue
      const after = last !== undefined && last > prefix ? last : undefined
      const page = await this.#page(prefix, limit - repositories.length + 1, after)
      repositories.push(...page.repositories)
      if (repositories.length > limit)
        return { repositories: repositories.slice(0, limit), more: true }
    }
    return { repositories, more: false }
  }

  async #page(prefix: string | undefined, limit: number, after: string | undefined) {
    const found = await pages(this.#table, CATALOG, {
      limit,
      ...(prefix === undefined ? {} : { prefix }),
      ...(after === undefined ? {} : { after }),
    })
    return {
      repositories: found.records.map((record) => record.sk as RepositoryName),
      more: found.more,
    }
  }
}

/** The order of ASCII text in the table. */
const byBytes = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)
