/** Files one record of the table under what it is (`records/keys.ts` draws them); records of other rooms are passed over. */
import type { Digest } from '../../digest.ts'
import type { TableRecord } from '../../ports/table.ts'
import { blobRecord } from '../../records/blob-record.ts'
import {
  BLOB_PREFIX,
  CATALOG,
  LINK_PREFIX,
  META,
  PROJECTS,
  PROJECT_PREFIX,
  REPOSITORY_PREFIX,
  SUBJECT_PREFIX,
  SWEEP_PREFIX,
} from '../../records/keys.ts'
import { sweepWork } from '../../records/sweep-record.ts'
import type { ProjectName, RepositoryName } from '../../repository-name.ts'
import { gatherRepositoryRecord } from './gather-repository-record.ts'
import { gatherProjectRecord, gatherSubjectRow } from './gather-rights-record.ts'
import type { BodyFacts, Gathered } from './gathered.ts'
import type { Pool } from './pool.ts'

/** `facts`: of a manifest, read by the caller. */
export function gatherRecord(
  gathered: Gathered,
  pool: Pool,
  record: TableRecord,
  facts: BodyFacts | undefined,
): void {
  const { pk, sk } = record
  if (pk.startsWith(REPOSITORY_PREFIX)) gatherRepositoryRecord(gathered, pool, record, facts)
  else if (pk.startsWith(BLOB_PREFIX)) gatherBlob(gathered, pool, record)
  else if (pk.startsWith(SWEEP_PREFIX)) gatherWork(gathered, pool, record)
  else if (pk === CATALOG) gathered.catalogue.add(pool(sk as RepositoryName))
  else if (pk === PROJECTS) gathered.listedProjects.add(sk as ProjectName)
  else if (pk.startsWith(PROJECT_PREFIX)) gatherProjectRecord(gathered, record)
  else if (pk.startsWith(SUBJECT_PREFIX)) gatherSubjectRow(gathered, record)
}

function gatherBlob({ blobs }: Gathered, pool: Pool, { pk, sk, item }: TableRecord): void {
  const digest = pool(pk.slice(BLOB_PREFIX.length) as Digest)
  let blob = blobs.get(digest)
  if (!blob) blobs.set(digest, (blob = { record: undefined, holders: new Set() }))
  if (sk === META) blob.record = blobRecord(item)
  else if (sk.startsWith(LINK_PREFIX)) {
    blob.holders.add(pool(sk.slice(LINK_PREFIX.length) as RepositoryName))
  }
}

function gatherWork({ work: gathered }: Gathered, pool: Pool, { item }: TableRecord): void {
  const work = sweepWork(item)
  switch (work.kind) {
    case 'links':
      for (const digest of work.digests) gathered.links.add(`${work.repository} ${digest}`)
      return
    case 'blob':
      gathered.blobs.add(pool(work.digest))
      return
    case 'object':
      gathered.objects.add(work.key)
      return
    case 'upload':
      gathered.uploads.add(work.id)
      return
    case 'pending':
      gathered.pendings.add(work.id)
      return
    case 'body':
      gathered.bodies.add(work.key)
      return
    case 'passing':
      return
    case 'removal':
      gathered.removals.add(pool(work.repository))
  }
}
