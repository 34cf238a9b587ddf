/** Blob records, against their objects, the links that there are, and the holder rows. */
import type { Digest } from '../../digest.ts'
import type { Write } from '../../ports/table.ts'
import type { BlobRecord } from '../../records/blob-record.ts'
import { blobKey, holderKey, linkKey } from '../../records/keys.ts'
import { putSweep } from '../../records/sweep-record.ts'
import type { GatheredBlob } from './gathered.ts'
import type { Problem, Repair } from './problem.ts'
import type { World } from './world.ts'

/** As many repositories as a problem names. */
const NAMED = 3

export function* blobProblems(world: World, now: number): Generator<Problem> {
  for (const [digest, blob] of world.gathered.blobs) {
    yield* holderProblems(world, digest, blob)
    if (!blob.record) continue
    yield* bytesProblems(world, digest, blob.record, now)
    yield* linkCountProblems(world, digest, blob.record, now)
  }
}

function* bytesProblems(
  world: World,
  digest: Digest,
  { size, key, links }: BlobRecord,
  now: number,
): Generator<Problem> {
  const where = `blob ${digest}`
  const there = world.gathered.objects.get(key)
  const isCorrupt = world.gathered.corrupt.has(key)
  if (there !== undefined && !isCorrupt) {
    if (there === size) return
    const detail = `the record says ${size} bytes, object ${key} has ${there} and the right digest`
    const write = { update: blobKey(digest), set: { size: there }, when: { equals: { key, size } } }
    yield { kind: 'size-wrong', where, detail, repair: { transactions: [[write]] } }
    return
  }
  const problem = isCorrupt
    ? `object ${key} (${there} bytes) has another digest`
    : `object ${key} is missing`
  const needing = world
    .holders(digest)
    .filter((holder) => world.isNeeded(holder, digest))
    .map((holder) => holder.repository.name)
  const needed = needing.length > 0 || world.unlinked(digest).size > 0
  const advice = needed
    ? `manifests need it (${needing.slice(0, NAMED).join(', ')}): delete them, sweep, and push again`
    : 'no manifest needs it'
  yield {
    kind: isCorrupt ? 'object-corrupt' : 'object-missing',
    where,
    detail: `${problem}; ${advice}`,
    seen: String(links),
    ...(needed ? {} : { repair: forget(world, digest, key, now) }),
  }
}

/** Takes all links away, then the record; the sweeper takes what there is of the object. */
function forget(world: World, digest: Digest, key: string, now: number): Repair {
  const unlinks = world
    .holders(digest)
    .map(({ repository: { name }, link: { touchedAt } }): readonly Write[] => [
      { delete: linkKey(name, digest), when: { equals: { refs: 0, touchedAt } } },
      { delete: holderKey(digest, name) },
      { update: blobKey(digest), add: { links: -1 }, when: { equals: { key } } },
    ])
  return {
    transactions: [
      ...unlinks,
      [
        { delete: blobKey(digest), when: { equals: { key, links: 0 } } },
        putSweep(now, { kind: 'object', key }),
      ],
    ],
  }
}

function* linkCountProblems(
  world: World,
  digest: Digest,
  { key, links }: BlobRecord,
  now: number,
): Generator<Problem> {
  const { count, mark } = world.links(digest)
  // A link that is put back counts itself; a count lowered before that could let the sweeper have the blob.
  if (count === links || world.unlinked(digest).size > 0) return
  const transaction: Write[] = [
    { update: blobKey(digest), set: { links: count }, when: { equals: { key, links } } },
    ...(count === 0 ? [putSweep(now, { kind: 'blob', digest })] : []),
  ]
  yield {
    kind: 'link-count-wrong',
    where: `blob ${digest}`,
    detail: `the record counts ${links} links, and there are ${count}`,
    seen: String(mark),
    repair: { transactions: [transaction] },
  }
}

function* holderProblems(
  world: World,
  digest: Digest,
  { record, holders }: GatheredBlob,
): Generator<Problem> {
  for (const repository of holders) {
    if (world.gathered.repositories.get(repository)?.links.has(digest)) continue
    if (record && world.unlinked(digest).has(repository)) continue
    const transaction: Write[] = [
      { delete: holderKey(digest, repository) },
      { check: linkKey(repository, digest), when: 'absent' },
    ]
    yield {
      kind: 'holder-unknown',
      where: `${repository} blob ${digest}`,
      detail: 'it has a holder row, and no link',
      repair: { transactions: [transaction] },
    }
  }
}
