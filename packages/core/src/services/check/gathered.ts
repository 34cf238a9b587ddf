/** All that the checker has read, without bodies: digests, keys and counts, small enough for a large registry. */
import type { Digest } from '../../digest.ts'
import type { BlobRecord, LinkRecord } from '../../records/blob-record.ts'
import type { ManifestRecord } from '../../records/manifest-record.ts'
import type { PendingRecord } from '../../records/pending-record.ts'
import type { Value } from '../../ports/table.ts'
import type { RoleRef } from '../../rbac/binding.ts'
import type { Tag } from '../../reference.ts'
import type { ProjectName, RepositoryName } from '../../repository-name.ts'

export interface GatheredBlob {
  record: BlobRecord | undefined
  /** Repositories that have a holder row. */
  readonly holders: Set<RepositoryName>
}

/** What a manifest's body says; `undefined` where it was not read. */
export interface BodyFacts {
  readonly size: number
  /** Its digest is right. */
  readonly sound: boolean | undefined
  /** `fingerprint` of the referrer row that it should have. */
  readonly referrer: string | undefined
}

export interface GatheredManifest extends Pick<
  ManifestRecord,
  'size' | 'bodyKey' | 'refs' | 'subject' | 'version'
> {
  readonly facts: BodyFacts | undefined
}

export interface GatheredTag {
  digest: Digest | undefined
  /** Manifests that have a tagged row for it. */
  readonly rows: Digest[]
}

export interface GatheredRepository {
  readonly name: RepositoryName
  hasMeta: boolean
  isBeingRemoved: boolean
  readonly links: Map<Digest, LinkRecord>
  readonly manifests: Map<Digest, GatheredManifest>
  readonly tags: Map<Tag, GatheredTag>
  /** `<subject>#<digest>`: fingerprint of the row. */
  readonly referrers: Map<string, string>
  /** Object keys by the uploads' ids. */
  readonly uploads: Map<string, string>
  readonly pendings: Map<string, PendingRecord>
}

/** What the sweeper will look at. */
export interface GatheredWork {
  /** `<repository> <digest>` */
  readonly links: Set<string>
  readonly blobs: Set<Digest>
  readonly uploads: Set<string>
  readonly pendings: Set<string>
  /** Objects to delete. */
  readonly objects: Set<string>
  /** Objects to delete unless a manifest names them. */
  readonly bodies: Set<string>
  readonly removals: Set<RepositoryName>
}

export interface GatheredBinding {
  readonly version: number
  readonly roleRef: RoleRef
  /** Where it should have a row. */
  readonly partitions: ReadonlySet<string>
}

/** Who may do what in projects. */
export interface GatheredRights {
  /** `<project>#<binding>` */
  readonly bindings: Map<string, GatheredBinding>
  /** Sort keys of all that a project has besides its record. */
  readonly objects: Map<ProjectName, string[]>
  readonly publicProjects: Set<ProjectName>
  /** Rows of subjects, by both of their keys. */
  readonly rows: Map<string, Map<string, RoleRef>>
}

export interface Gathered {
  readonly blobs: Map<Digest, GatheredBlob>
  readonly repositories: Map<RepositoryName, GatheredRepository>
  readonly catalogue: Set<RepositoryName>
  readonly projects: Set<ProjectName>
  readonly listedProjects: Set<ProjectName>
  readonly rights: GatheredRights
  readonly work: GatheredWork
  /** Sizes of the objects in the store, by key. */
  readonly objects: Map<string, number>
  /** Of these objects the bytes were read and have another digest than their record says. */
  readonly corrupt: Set<string>
  readonly storeUploads: { readonly state: Value; readonly key: string }[]
}

export const nothingGathered = (): Gathered => ({
  blobs: new Map(),
  repositories: new Map(),
  catalogue: new Set(),
  projects: new Set(),
  listedProjects: new Set(),
  rights: { bindings: new Map(), objects: new Map(), publicProjects: new Set(), rows: new Map() },
  work: {
    links: new Set(),
    blobs: new Set(),
    uploads: new Set(),
    pendings: new Set(),
    objects: new Set(),
    bodies: new Set(),
    removals: new Set(),
  },
  objects: new Map(),
  corrupt: new Set(),
  storeUploads: [],
})
