/** What was gathered, with one copy of each text again: a clone has as many as there were mentions. */
import type { Gathered, GatheredRepository } from './gathered.ts'
import type { Pool } from './pool.ts'

/** The same in the same order. Takes the maps that it is given apart: they are not to be used any more. */
export function poolAgain(gathered: Gathered, pool: Pool): Gathered {
  const { blobs, repositories, catalogue, work } = gathered
  return {
    ...gathered,
    blobs: moved(blobs, pool, ({ record, holders }) => ({
      record: record && { ...record, key: pool(record.key) },
      holders: new Set([...holders].map((name) => pool(name))),
    })),
    repositories: moved(repositories, pool, (repository) => poolRepository(repository, pool)),
    catalogue: new Set([...catalogue].map((name) => pool(name))),
    work: { ...work, blobs: new Set([...work.blobs].map((digest) => pool(digest))) },
  }
}

function poolRepository(repository: GatheredRepository, pool: Pool): GatheredRepository {
  const { name, links, manifests, tags, pendings } = repository
  return {
    ...repository,
    name: pool(name),
    links: moved(links, pool, (link) => ({ ...link, key: link.key && pool(link.key) })),
    manifests: moved(manifests, pool, (manifest) => ({
      ...manifest,
      refs: manifest.refs.map((ref) => pool(ref)),
    })),
    tags: moved(tags, unpooled, ({ digest, rows }) => ({
      digest: digest && pool(digest),
      rows: rows.map((row) => pool(row)),
    })),
    pendings: moved(pendings, unpooled, (pending) => ({
      ...pending,
      refs: pending.refs.map((ref) => pool(ref)),
    })),
  }
}

/** What is named once needs no pool. */
const unpooled: Pool = (text) => text

/** Entry by entry, so that no more than one of them is there twice. */
function moved<Key extends string, Value>(
  from: Map<Key, Value>,
  pool: Pool,
  copy: (value: Value) => Value,
): Map<Key, Value> {
  const to = new Map<Key, Value>()
  for (const [key, value] of from) {
    to.set(pool(key), copy(value))
    from.delete(key)
  }
  return to
}
