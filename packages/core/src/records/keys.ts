/**
 * Where each record lives. One table, every engine:
 *
 *     pk                      sk                            file
 *     repo#<project>/<name>   meta                          repository-record
 *                             manifest#<digest>             manifest-record
 *                             tag#<tag>                     tag-record
 *                             tagged#<digest>#<tag>         tag-record: which tags may name a manifest
 *                             blob#<digest>                 blob-record: the link
 *                             referrer#<subject>#<digest>   manifest-record
 *                             upload#<id>                   upload-record
 *                             imported#<digest>             image-source: of a manifest that an imported index names
 *                             pending#<id>                  pending-record: references of a very large manifest
 *     blob#<digest>           meta                          blob-record
 *                             link#<project>/<name>         which repositories hold the blob
 *     project#<project>       meta                          project-record
 *                             role#<name>                   object-record, and so are
 *                             rolebinding#<name>
 *                             serviceaccount#<name>
 *                             limitrange#<name>
 *                             resourcequota#<name>
 *     cluster                 clusterrole#<name>            object-record
 *                             clusterrolebinding#<name>
 *                             upstream#<name>
 *                             webhook#<name>
 *                             deadletter#<webhook>-<event>  object-record: an event that was given up
 *                             administrator#gone            there once the bootstrap administrator is not
 *     subject#<kind>#<name>   <project>#<binding>           subject-record: where a user or a group has a role
 *     projects                <project>                     for listing
 *     catalog                 <project>/<name>              for listing
 *     sweep#<shard>           <due>#<id>                    sweep-record
 *     check                   meta                          check-record: the check that is done in steps
 *     fill#<within>#<digest>  meta                          fill-record: a blob on its way from an upstream
 *     lease#<name>            meta                          lease-record: work that one process does for all
 *     queue#<name>            <due>#<id>                    adapters' (local/table-queue); queue#<name>#dead: given up
 *     token#<key>             meta                          a token of an upstream, and when it ends
 *     parts                   <part>                        part-record: when it started, ran and failed last
 *                             <part>#<member>               the same of one of several of a kind (upstreams, issuers): why it fails
 *     issuer#<hash>           keys                          adapters' (identity/issuer-key-records)
 *     meter#<shard>           total#<number>                adapters' (metrics/totals-row): what all doors of a cloud counted
 *                             recent#<ring>#<number>        and what they saw in one slot of time
 *     metered#<environment>   meta                          adapters' (metrics/metered-record): which of its lines that is
 */
import { randomBytes } from 'node:crypto'
import type { Key } from '../ports/table.ts'
import type { Digest } from '../digest.ts'
import type { Tag } from '../reference.ts'
import type { ProjectName, RepositoryName } from '../repository-name.ts'

export const META = 'meta'
export const CATALOG = 'catalog'
export const PROJECTS = 'projects'
export const PARTS = 'parts'
export const MANIFEST_PREFIX = 'manifest#'
export const TAG_PREFIX = 'tag#'
export const BLOB_PREFIX = 'blob#'
export const UPLOAD_PREFIX = 'upload#'
export const PENDING_PREFIX = 'pending#'
export const IMPORTED_PREFIX = 'imported#'
export const LINK_PREFIX = 'link#'
export const TAGGED_PREFIX = 'tagged#'
export const REFERRER_PREFIX = 'referrer#'
export const REPOSITORY_PREFIX = 'repo#'
export const PROJECT_PREFIX = 'project#'
export const ROLE_BINDING_PREFIX = 'rolebinding#'
export const CLUSTER = 'cluster'
export const SUBJECT_PREFIX = 'subject#'
export const SWEEP_PREFIX = 'sweep#'

export const repositoryPk = (repository: RepositoryName): string => REPOSITORY_PREFIX + repository
export const blobPk = (digest: Digest): string => BLOB_PREFIX + digest

export const repositoryKey = (repository: RepositoryName): Key => ({
  pk: repositoryPk(repository),
  sk: META,
})
export const manifestKey = (repository: RepositoryName, digest: Digest): Key => ({
  pk: repositoryPk(repository),
  sk: MANIFEST_PREFIX + digest,
})
export const tagKey = (repository: RepositoryName, tag: Tag): Key => ({
  pk: repositoryPk(repository),
  sk: TAG_PREFIX + tag,
})
export const taggedPrefix = (digest: Digest): string => `${TAGGED_PREFIX}${digest}#`
export const taggedKey = (repository: RepositoryName, digest: Digest, tag: Tag): Key => ({
  pk: repositoryPk(repository),
  sk: taggedPrefix(digest) + tag,
})
export const linkKey = (repository: RepositoryName, digest: Digest): Key => ({
  pk: repositoryPk(repository),
  sk: BLOB_PREFIX + digest,
})
export const referrerPrefix = (subject: Digest): string => `${REFERRER_PREFIX}${subject}#`
export const referrerKey = (repository: RepositoryName, subject: Digest, digest: Digest): Key => ({
  pk: repositoryPk(repository),
  sk: referrerPrefix(subject) + digest,
})
export const uploadKey = (repository: RepositoryName, id: string): Key => ({
  pk: repositoryPk(repository),
  sk: UPLOAD_PREFIX + id,
})
export const importedKey = (repository: RepositoryName, digest: Digest): Key => ({
  pk: repositoryPk(repository),
  sk: IMPORTED_PREFIX + digest,
})
export const pendingKey = (repository: RepositoryName, id: string): Key => ({
  pk: repositoryPk(repository),
  sk: PENDING_PREFIX + id,
})
export const blobKey = (digest: Digest): Key => ({ pk: blobPk(digest), sk: META })
export const holderKey = (digest: Digest, repository: RepositoryName): Key => ({
  pk: blobPk(digest),
  sk: LINK_PREFIX + repository,
})
export const projectKey = (project: ProjectName): Key => ({
  pk: PROJECT_PREFIX + project,
  sk: META,
})
export const projectPk = (project: string): string => PROJECT_PREFIX + project
export const administratorKey: Key = { pk: CLUSTER, sk: 'administrator#gone' }
/** `within`: whose transfer it is, all of a cache's, or that of one repository with imported images. */
export const fillKey = (within: ProjectName | RepositoryName, digest: Digest): Key => ({
  pk: `fill#${within}#${digest}`,
  sk: META,
})
export const leaseKey = (name: string): Key => ({ pk: `lease#${name}`, sk: META })
export const upstreamTokenKey = (key: string): Key => ({ pk: `token#${key}`, sk: META })
/** `member`: of a part that is several of a kind. */
export const partKey = (part: string, member?: string): Key => ({
  pk: PARTS,
  sk: member === undefined ? part : `${part}#${member}`,
})
export const meterPk = (shard: number): string => `meter#${shard}`
export const meterKey = (shard: number, name: string): Key => ({ pk: meterPk(shard), sk: name })
export const meteredKey = (environment: string): Key => ({
  pk: `metered#${environment}`,
  sk: META,
})
export const checkKey: Key = { pk: 'check', sk: META }
export const projectListKey = (project: ProjectName): Key => ({ pk: PROJECTS, sk: project })
export const catalogKey = (repository: RepositoryName): Key => ({ pk: CATALOG, sk: repository })

/** 128 bits that nobody guesses and nobody draws twice. */
export const randomId = (): string => randomBytes(16).toString('hex')
export const isRandomId = (text: string): boolean => /^[0-9a-f]{32}$/.test(text)

/** Where the registry puts its objects: whatever lies elsewhere in a blob store is not its own. */
export const OBJECT_ROOMS = ['blobs', 'manifests'] as const

/** Where checks leave how far they are; no check judges what lies here. */
export const CHECK_ROOM = 'checks'

/** A key of the blob store; spread by its first byte, never used again. */
export function newObjectKey(room: (typeof OBJECT_ROOMS)[number] | typeof CHECK_ROOM): string {
  const id = randomId()
  return `${room}/${id.slice(0, 2)}/${id}`
}
