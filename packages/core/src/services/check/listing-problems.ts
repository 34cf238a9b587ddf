/** What lists repositories and projects, against what there is to list. */
import type { Key } from '../../ports/table.ts'
import { catalogKey, projectListKey, repositoryKey } from '../../records/keys.ts'
import type { Gathered } from './gathered.ts'
import type { Problem, ProblemKind } from './problem.ts'

export function* listingProblems(gathered: Gathered): Generator<Problem> {
  const { repositories, catalogue, projects, listedProjects } = gathered
  for (const { name, manifests, hasMeta } of repositories.values()) {
    if (manifests.size === 0) continue
    const where: string = name
    if (!hasMeta) {
      const detail = 'it has manifests, and no record of its own'
      yield missing('repository-missing', where, detail, repositoryKey(name))
    }
    if (!catalogue.has(name)) {
      const detail = 'it has manifests, and is not in the catalogue'
      yield missing('catalogue-missing', where, detail, catalogKey(name))
    }
  }
  for (const project of projects) {
    if (listedProjects.has(project)) continue
    const detail = 'it is not in the list of projects'
    yield missing('project-list-missing', `project ${project}`, detail, projectListKey(project))
  }
}

const missing = (kind: ProblemKind, where: string, detail: string, key: Key): Problem => ({
  kind,
  where,
  detail,
  repair: { transactions: [[{ put: key, item: {}, when: 'absent' }]] },
})
