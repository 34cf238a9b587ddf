/** The records of one repository. */
import type { Digest } from '../../digest.ts'
import type { TableRecord } from '../../ports/table.ts'
import { linkRecord } from '../../records/blob-record.ts'
import {
  BLOB_PREFIX,
  MANIFEST_PREFIX,
  META,
  PENDING_PREFIX,
  REFERRER_PREFIX,
  REPOSITORY_PREFIX,
  TAGGED_PREFIX,
  TAG_PREFIX,
  UPLOAD_PREFIX,
} from '../../records/keys.ts'
import { manifestRecord } from '../../records/manifest-record.ts'
import { pendingRecord } from '../../records/pending-record.ts'
import { repositoryRecord } from '../../records/repository-record.ts'
import { tagRecord } from '../../records/tag-record.ts'
import { uploadRecord } from '../../records/upload-record.ts'
import type { Tag } from '../../reference.ts'
import type { RepositoryName } from '../../repository-name.ts'
import { referrerFingerprint } from './fingerprint.ts'
import type { BodyFacts, Gathered, GatheredRepository, GatheredTag } from './gathered.ts'
import type { Pool } from './pool.ts'

export function gatherRepositoryRecord(
  gathered: Gathered,
  pool: Pool,
  { pk, sk, item }: TableRecord,
  facts: BodyFacts | undefined,
): void {
  const name = pool(pk.slice(REPOSITORY_PREFIX.length) as RepositoryName)
  const repository = repositoryOf(gathered, name)
  const after = (prefix: string): string | undefined =>
    sk.startsWith(prefix) ? sk.slice(prefix.length) : undefined
  let rest: string | undefined
  if (sk === META) {
    repository.hasMeta = true
    repository.isBeingRemoved = repositoryRecord(item).removingSince !== undefined
  } else if ((rest = after(BLOB_PREFIX))) {
    const link = linkRecord(item)
    repository.links.set(pool(rest as Digest), { ...link, key: link.key && pool(link.key) })
  } else if ((rest = after(MANIFEST_PREFIX))) {
    const { size, bodyKey, refs, subject, version } = manifestRecord(item)
    repository.manifests.set(pool(rest as Digest), {
      size,
      bodyKey,
      refs: refs.map((ref) => pool(ref)),
      subject,
      version,
      facts,
    })
  } else if ((rest = after(TAG_PREFIX))) {
    tagOf(repository, rest as Tag).digest = pool(tagRecord(item).digest)
  } else if ((rest = after(TAGGED_PREFIX))) {
    const [digest, tag] = divide(rest)
    tagOf(repository, tag as Tag).rows.push(pool(digest as Digest))
  } else if ((rest = after(REFERRER_PREFIX))) {
    repository.referrers.set(rest, referrerFingerprint(item))
  } else if ((rest = after(UPLOAD_PREFIX))) {
    repository.uploads.set(rest, uploadRecord(item).key)
  } else if ((rest = after(PENDING_PREFIX))) {
    const pending = pendingRecord(item)
    repository.pendings.set(rest, { ...pending, refs: pending.refs.map((digest) => pool(digest)) })
  }
}

/** Before and after the first `#`; digests and tags hold none. */
export function divide(text: string): readonly [string, string] {
  const at = text.indexOf('#')
  return [text.slice(0, at), text.slice(at + 1)]
}

function repositoryOf({ repositories }: Gathered, name: RepositoryName): GatheredRepository {
  const known = repositories.get(name)
  if (known) return known
  const repository: GatheredRepository = {
    name,
    hasMeta: false,
    isBeingRemoved: false,
    links: new Map(),
    manifests: new Map(),
    tags: new Map(),
    referrers: new Map(),
    uploads: new Map(),
    pendings: new Map(),
  }
  repositories.set(name, repository)
  return repository
}

function tagOf({ tags }: GatheredRepository, name: Tag): GatheredTag {
  const known = tags.get(name)
  if (known) return known
  const tag: GatheredTag = { digest: undefined, rows: [] }
  tags.set(name, tag)
  return tag
}
