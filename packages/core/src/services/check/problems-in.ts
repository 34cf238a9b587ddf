/** All problems in what was gathered. Reads and writes nothing: whoever gathers decides how much at a time. */
import type { Gathered } from './gathered.ts'
import { blobProblems } from './blob-problems.ts'
import { linkProblems } from './link-problems.ts'
import { listingProblems } from './listing-problems.ts'
import { manifestProblems } from './manifest-problems.ts'
import { objectProblems } from './object-problems.ts'
import type { Problem } from './problem.ts'
import { referrerProblems } from './referrer-problems.ts'
import { rightsProblems } from './rights-problems.ts'
import { tagProblems } from './tag-problems.ts'
import { workProblems } from './work-problems.ts'
import { World } from './world.ts'

/** `now`: milliseconds since the epoch, for the times that repairs write. */
export function problemsIn(gathered: Gathered, now: number): Problem[] {
  const world = new World(gathered)
  const problems = [
    ...blobProblems(world, now),
    ...[...gathered.repositories.values()].flatMap((repository) => [
      ...linkProblems(world, repository, now),
      ...manifestProblems(world, repository),
      ...referrerProblems(repository),
      ...tagProblems(repository),
    ]),
    ...listingProblems(gathered),
    ...rightsProblems(gathered),
    ...workProblems(world, now),
  ]
  const lost = problems.some((problem) => problem.repair === undefined)
  return [...problems, ...objectProblems(gathered, lost)]
}
