/** The links of a repository, against the blobs' records and the manifests that name them. */
import type { Digest } from '../../digest.ts'
import type { Write } from '../../ports/table.ts'
import { isStored, type LinkRecord, type StoredLink } from '../../records/blob-record.ts'
import { blobKey, holderKey, linkKey } from '../../records/keys.ts'
import { putSweep } from '../../records/sweep-record.ts'
import type { GatheredRepository } from './gathered.ts'
import type { Problem, Repair } from './problem.ts'
import type { Count, World } from './world.ts'

export function* linkProblems(
  world: World,
  repository: GatheredRepository,
  now: number,
): Generator<Problem> {
  for (const [digest, link] of repository.links) {
    yield* countProblems(world, repository, digest, link, now)
    if (!isStored(link)) continue
    yield* blobOfLinkProblems(world, repository, digest, link)
    if (!world.gathered.blobs.get(digest)?.holders.has(repository.name)) {
      const transaction: Write[] = [
        { put: holderKey(digest, repository.name), item: {} },
        { check: linkKey(repository.name, digest), when: 'present' },
      ]
      yield {
        kind: 'holder-missing',
        where: `${repository.name} blob ${digest}`,
        detail: 'the link has no holder row',
        repair: { transactions: [transaction] },
      }
    }
  }
  for (const [digest, references] of world.referenced(repository)) {
    if (!repository.links.has(digest)) {
      yield missingLink(world, repository, digest, references, now)
    }
  }
}

function* countProblems(
  world: World,
  repository: GatheredRepository,
  digest: Digest,
  { refs, touchedAt }: LinkRecord,
  now: number,
): Generator<Problem> {
  const { count, mark } = world.references(repository, digest)
  if (refs === count) return
  const key = linkKey(repository.name, digest)
  // Whoever lowers a count changes touchedAt: with both unchanged nothing was counted in between.
  const when = { equals: { refs, touchedAt } }
  const digests = [digest]
  const transaction: Write[] =
    count > 0
      ? [{ update: key, set: { refs: count }, when }]
      : [
          { update: key, set: { refs: count, touchedAt: now }, when },
          putSweep(now, { kind: 'links', repository: repository.name, digests }),
        ]
  yield {
    kind: 'reference-count-wrong',
    where: `${repository.name} blob ${digest}`,
    detail: `the link counts ${refs} references, and there are ${count}`,
    seen: `${touchedAt} ${mark}`,
    repair: { transactions: [transaction] },
  }
}

function* blobOfLinkProblems(
  world: World,
  repository: GatheredRepository,
  digest: Digest,
  link: StoredLink,
): Generator<Problem> {
  const where = `${repository.name} blob ${digest}`
  const blob = world.gathered.blobs.get(digest)?.record
  if (!blob) {
    yield missingBlob(world, repository, digest, link)
    return
  }
  const { key } = blob
  const isSound = !world.gathered.corrupt.has(key)
  const size = (isSound ? world.gathered.objects.get(key) : undefined) ?? blob.size
  const when = { equals: { key: link.key, size: link.size } }
  const right = { update: linkKey(repository.name, digest), set: { key, size }, when }
  const repair: Repair = { transactions: [[right]] }
  if (link.key !== key) {
    const detail = `the link names object ${link.key}, the blob's is ${key}`
    yield { kind: 'link-key-wrong', where, detail, repair }
  } else if (link.size !== size) {
    const detail = `the link says ${link.size} bytes, the blob has ${size}`
    yield { kind: 'size-wrong', where, detail, repair }
  }
}

function missingBlob(
  world: World,
  repository: GatheredRepository,
  digest: Digest,
  link: StoredLink,
): Problem {
  const where = `${repository.name} blob ${digest}`
  const { key, refs, touchedAt } = link
  const size = world.objectSize(key)
  if (size !== undefined && !world.gathered.corrupt.has(key)) {
    const links = world.links(digest).count
    return {
      kind: 'blob-missing',
      where,
      detail: `the blob has no record; object ${key} is there`,
      repair: {
        transactions: [[{ put: blobKey(digest), item: { size, key, links }, when: 'absent' }]],
      },
    }
  }
  const problem = `the blob has neither record nor object ${key}`
  if (world.isNeeded({ repository, link }, digest)) {
    const detail = `${problem}; manifests need it: delete them, sweep, and push again`
    return { kind: 'blob-missing', where, detail }
  }
  const transaction: Write[] = [
    { delete: linkKey(repository.name, digest), when: { equals: { refs, touchedAt } } },
    { delete: holderKey(digest, repository.name) },
    { check: blobKey(digest), when: 'absent' },
  ]
  const detail = `${problem}; no manifest needs it`
  return { kind: 'blob-missing', where, detail, repair: { transactions: [transaction] } }
}

function missingLink(
  world: World,
  { name }: GatheredRepository,
  digest: Digest,
  { count, mark }: Count,
  now: number,
): Problem {
  const blob = world.gathered.blobs.get(digest)?.record
  const transaction: Write[] | undefined = blob && [
    { update: blobKey(digest), add: { links: 1 }, when: { equals: { key: blob.key } } },
    {
      put: linkKey(name, digest),
      item: { size: blob.size, key: blob.key, refs: count, touchedAt: now },
      when: 'absent',
    },
    { put: holderKey(digest, name), item: {} },
  ]
  return {
    kind: 'link-missing',
    where: `${name} blob ${digest}`,
    detail: blob
      ? `${count} manifests name it, and the repository does not link it`
      : `${count} manifests name it, and the registry does not have it: push it again`,
    seen: String(mark),
    ...(transaction ? { repair: { transactions: [transaction] } } : {}),
  }
}
