/** Manifests of a repository (spec "Pulling manifests", end-3), and the way to putting and removing them. */
import type { Digest } from '../digest.ts'
import { RegistryError } from '../errors.ts'
import type { Manifest } from '../manifest.ts'
import type { BlobStore } from '../ports/blob-store.ts'
import type { Table } from '../ports/table.ts'
import type { ImageSource } from '../records/image-source.ts'
import { importedKey, manifestKey, repositoryKey, tagKey } from '../records/keys.ts'
import { manifestRecord, type ManifestRecord } from '../records/manifest-record.ts'
import { tagRecord, type TagRecord } from '../records/tag-record.ts'
import type { Reference } from '../reference.ts'
import type { RepositoryName } from '../repository-name.ts'
import type { ManifestPuts, PutManifest } from './manifest-puts.ts'
import type { ManifestRemovals } from './manifest-removals.ts'
import { whole } from './whole.ts'

export interface StoredManifest {
  readonly digest: Digest
  readonly record: ManifestRecord
  /** By which it was found, where it was found by one. */
  readonly tag: TagRecord | undefined
}

export class Manifests {
  readonly #table: Table
  readonly #store: BlobStore
  readonly #puts: ManifestPuts
  readonly #removals: ManifestRemovals

  constructor(table: Table, store: BlobStore, puts: ManifestPuts, removals: ManifestRemovals) {
    this.#table = table
    this.#store = store
    this.#puts = puts
    this.#removals = removals
  }

  async look(
    repository: RepositoryName,
    reference: Reference,
  ): Promise<StoredManifest | undefined> {
    let digest: Digest | undefined
    let tag: TagRecord | undefined
    if ('digest' in reference) digest = reference.digest
    else {
      const tagged = await this.#table.get(tagKey(repository, reference.tag))
      tag = tagged && tagRecord(tagged)
      digest = tag?.digest
    }
    const item = digest && (await this.#table.get(manifestKey(repository, digest)))
    return digest && item ? { digest, record: manifestRecord(item), tag } : undefined
  }

  /** What `look` would find, where all of it is remembered: at once. */
  peek(repository: RepositoryName, reference: Reference): StoredManifest | undefined {
    let tag: TagRecord | undefined
    if ('tag' in reference) {
      const tagged = this.#table.peek?.(tagKey(repository, reference.tag))?.item
      if (!tagged) return undefined
      tag = tagRecord(tagged)
    }
    const digest = 'digest' in reference ? reference.digest : tag!.digest
    const item = this.#table.peek?.(manifestKey(repository, digest))?.item
    return item && { digest, record: manifestRecord(item), tag }
  }

  async find(repository: RepositoryName, reference: Reference): Promise<StoredManifest> {
    return (await this.look(repository, reference)) ?? this.refuseUnknown(repository, reference)
  }

  /** Where one comes from that is not here, and that an imported index names. */
  async importedFrom(repository: RepositoryName, digest: Digest): Promise<ImageSource | undefined> {
    const item = await this.#table.get(importedKey(repository, digest))
    return item && { upstream: item.upstream as string, repository: item.repository as string }
  }

  /** Notes that one which came from an upstream was pulled. */
  async pulled(repository: RepositoryName, digest: Digest, pulledAt: number): Promise<void> {
    const update = manifestKey(repository, digest)
    await this.#table.transact([{ update, set: { pulledAt }, when: 'present' }], { lazy: true })
  }

  async body(record: ManifestRecord): Promise<Uint8Array> {
    const bytes = await this.lookBody(record)
    if (!bytes) throw new Error(`object ${record.bodyKey} is recorded and missing: run fsck`)
    return bytes
  }

  /** `undefined` where its object is missing. */
  async lookBody(record: ManifestRecord): Promise<Uint8Array | undefined> {
    if (record.body) return record.body
    const pieces = record.bodyKey && (await this.#store.read(record.bodyKey))
    return pieces ? whole(pieces) : undefined
  }

  async put(
    repository: RepositoryName,
    manifest: PutManifest,
  ): Promise<{ readonly digest: Digest; readonly manifest: Manifest }> {
    return this.#puts.put(repository, manifest)
  }

  /** Removes the manifest and every tag that names it. */
  async remove(repository: RepositoryName, digest: Digest): Promise<void> {
    const removed = await this.#removals.remove(repository, digest)
    if (!removed) await this.refuseUnknown(repository, { digest })
  }

  async refuseUnknown(repository: RepositoryName, reference: Reference): Promise<never> {
    const named = 'tag' in reference ? `tag ${reference.tag}` : `manifest ${reference.digest}`
    if (await this.#table.get(repositoryKey(repository))) {
      throw new RegistryError('MANIFEST_UNKNOWN', `${repository} has no ${named}`)
    }
    throw new RegistryError('NAME_UNKNOWN', `there is no repository ${repository}`)
  }
}
