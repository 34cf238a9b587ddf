/** What somebody must look at some day, and nobody will: the sweeper sees only work that was written down. */
import { putSweep, type SweepWork } from '../../records/sweep-record.ts'
import type { Problem } from './problem.ts'
import type { World } from './world.ts'

/** A push that holds references is over by then, or dead. To look at anything else too early does no harm. */
const PUSH_LIFE = 3_600_000

export function* workProblems(world: World, now: number): Generator<Problem> {
  const { blobs, repositories, work } = world.gathered
  for (const [digest, { record }] of blobs) {
    if (record?.links !== 0 || world.links(digest).count > 0 || work.blobs.has(digest)) continue
    yield missing(`blob ${digest}`, now, { kind: 'blob', digest })
  }
  for (const repository of repositories.values()) {
    const { name, links, uploads, pendings } = repository
    for (const [digest, { refs }] of links) {
      if (refs !== 0 || world.references(repository, digest).count > 0) continue
      if (work.links.has(`${name} ${digest}`)) continue
      const digests = [digest]
      yield missing(`${name} blob ${digest}`, now, { kind: 'links', repository: name, digests })
    }
    for (const id of uploads.keys()) {
      if (work.uploads.has(id)) continue
      yield missing(`${name} upload ${id}`, now, { kind: 'upload', repository: name, id })
    }
    for (const id of pendings.keys()) {
      if (work.pendings.has(id)) continue
      const due = now + PUSH_LIFE
      yield missing(`${name} pending ${id}`, due, { kind: 'pending', repository: name, id })
    }
    if (repository.isBeingRemoved && !work.removals.has(name)) {
      const until = now + PUSH_LIFE
      yield missing(`${name} removal`, now, { kind: 'removal', repository: name, until })
    }
  }
}

const missing = (where: string, due: number, work: SweepWork): Problem => ({
  kind: 'work-missing',
  where,
  detail: 'it is to go, and the sweeper does not know',
  repair: { transactions: [[putSweep(due, work)]] },
})
