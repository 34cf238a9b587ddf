/** The images that a repository of a cache holds: each is what nobody else names, and all that only it keeps here. */
import type { Digest } from '../digest.ts'
import { parseManifest } from '../manifest.ts'
import { isIndex } from '../media-type.ts'
import type { Table } from '../ports/table.ts'
import { MANIFEST_PREFIX, repositoryPk } from '../records/keys.ts'
import { manifestRecord, type ManifestRecord } from '../records/manifest-record.ts'
import type { RepositoryName } from '../repository-name.ts'
import type { Manifests } from './manifests.ts'

/** Manifests looked at together: their records carry their bodies. */
const PAGE = 25

export interface TreeMember {
  readonly digest: Digest
  readonly pulledAt: number
  readonly refs: readonly Digest[]
}

export interface ImageTree {
  readonly repository: RepositoryName
  /** When it, or anything of it, was last pulled; milliseconds since the epoch. */
  readonly pulledAt: number
  /** The image itself first: an index before its images, those before what refers to them. */
  readonly members: readonly TreeMember[]
}

interface Node extends TreeMember {
  readonly subject: Digest | undefined
  readonly children: readonly Digest[]
}

export async function imageTrees(
  table: Table,
  manifests: Manifests,
  repository: RepositoryName,
): Promise<readonly ImageTree[]> {
  const nodes = await readNodes(table, manifests, repository)
  /** What goes with a manifest: its children, and what refers to it. */
  const below = new Map<Digest, Digest[]>()
  const named = new Set<Digest>()
  const hang = (parent: Digest, digest: Digest): void => {
    if (!nodes.has(parent) || !nodes.has(digest)) return
    // An upstream may hang very much on one manifest: nothing is copied for each.
    const hung = below.get(parent)
    if (hung) hung.push(digest)
    else below.set(parent, [digest])
    named.add(digest)
  }
  for (const [digest, { children, subject }] of nodes) {
    for (const child of children) hang(digest, child)
    if (subject !== undefined) hang(subject, digest)
  }
  const trees = [...nodes.keys()]
    .filter((digest) => !named.has(digest))
    .map((root) => reach(root, below))
  const shared = inSeveral(trees)
  return trees.map((tree) => {
    const members = tree.flatMap((digest) => (shared.has(digest) ? [] : (nodes.get(digest) ?? [])))
    const pulledAt = tree.reduce(
      (last, digest) => Math.max(last, nodes.get(digest)?.pulledAt ?? 0),
      0,
    )
    return { repository, pulledAt, members }
  })
}

/** In the order in which they go, each once. */
function reach(root: Digest, below: ReadonlyMap<Digest, readonly Digest[]>): readonly Digest[] {
  const found = new Set([root])
  // A set takes what is added while it is walked.
  for (const digest of found) for (const next of below.get(digest) ?? []) found.add(next)
  return [...found]
}

/** What hangs under more than one image stays while any of them does. */
function inSeveral(trees: readonly (readonly Digest[])[]): ReadonlySet<Digest> {
  const counts = new Map<Digest, number>()
  for (const digest of trees.flat()) counts.set(digest, (counts.get(digest) ?? 0) + 1)
  return new Set([...counts].flatMap(([digest, count]) => (count > 1 ? [digest] : [])))
}

async function readNodes(
  table: Table,
  manifests: Manifests,
  repository: RepositoryName,
): Promise<ReadonlyMap<Digest, Node>> {
  const nodes = new Map<Digest, Node>()
  for (let after: string | undefined; ;) {
    const page = await table.query(repositoryPk(repository), {
      prefix: MANIFEST_PREFIX,
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    })
    for (const { sk, item } of page.records) {
      const digest = sk.slice(MANIFEST_PREFIX.length) as Digest
      const record = manifestRecord(item)
      const { pulledAt, refs, subject } = record
      // What did not come from the upstream is not the cache's to remove.
      if (pulledAt === undefined) continue
      nodes.set(digest, {
        digest,
        pulledAt,
        refs,
        subject,
        children: await childrenOf(manifests, record),
      })
    }
    if (page.next === undefined) return nodes
    after = page.next
  }
}

async function childrenOf(
  manifests: Manifests,
  record: ManifestRecord,
): Promise<readonly Digest[]> {
  if (!isIndex(record.mediaType)) return []
  const bytes = await manifests.lookBody(record)
  // Of an index that lost its body nobody knows what it named: each of that is an image of its own then.
  return bytes ? parseManifest(bytes, record.mediaType).manifests.map(({ digest }) => digest) : []
}
