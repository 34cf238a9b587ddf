/**
 * Images of upstreams in projects of one's own, as OpenShift imports them: the manifest comes at once, its blobs when they are
 * first pulled, and both stay.
 */
import { RegistryError } from '../errors.ts'
import { ObjectError } from '../object-error.ts'
import type { Identity } from '../ports/identity-provider.ts'
import { parseReference, type Reference, type Tag } from '../reference.ts'
import { parseRepositoryName, projectOf, type RepositoryName } from '../repository-name.ts'
import type { TagSource } from '../records/image-source.ts'
import type { CachedManifests } from './cached-manifests.ts'
import { remoteName, type Caches } from './caches.ts'
import type { StoredManifest } from './manifests.ts'
import type { Rights } from './rights.ts'

/** Where an image without a host comes from, and what a name without a tag means. */
const DEFAULT_HOST = 'docker.io'
const DEFAULT_TAG = 'latest' as Tag

export interface Import {
  readonly repository: RepositoryName
  readonly tag: Tag
  /** `[host/]name[:tag|@digest]`. */
  readonly from: string
  readonly scheduled: boolean
}

export class Imports {
  readonly #caches: Caches
  readonly #manifests: CachedManifests
  readonly #rights: Rights

  constructor(caches: Caches, manifests: CachedManifests, rights: Rights) {
    this.#caches = caches
    this.#manifests = manifests
    this.#rights = rights
  }

  /**
   * Refuses an upstream that nobody has configured, and one whose cache `by` may not pull from: what is read with its
   * credentials is for those alone whom its owner lets in. Throws `UpstreamError` where it does not answer.
   */
  async import(
    by: Identity,
    { repository, tag, from, scheduled }: Import,
  ): Promise<StoredManifest> {
    const { host, name, reference } = parseImageName(from)
    const upstream = await this.#caches.named(host)
    if (upstream === undefined) {
      throw new ObjectError(
        'BadRequest',
        `${host} is no upstream here: add it, then import from it`,
      )
    }
    const asked = parseRepositoryName(`${upstream}/${name}`)
    const cache = await this.#caches.of(projectOf(asked))
    if (!cache || !(await this.#rights.mayPull(by, asked))) {
      throw new ObjectError('Forbidden', `${by.user} may not pull from project ${projectOf(asked)}`)
    }
    const source = { upstream, repository: remoteName(cache, asked) }
    const imported = await this.#caches.imported(projectOf(repository), source)
    if ('digest' in reference) {
      const { digest } = reference
      return this.#manifests.importDigest(imported, repository, digest, tag)
    }
    const follows: TagSource = { ...source, tag: reference.tag, scheduled }
    return this.#manifests.refresh(imported, repository, tag, follows)
  }
}

interface ImageName {
  readonly host: string
  readonly name: string
  readonly reference: Reference
}

/** As docker reads it: the first part is a host where it has a dot or a port, or is localhost. */
export function parseImageName(text: string): ImageName {
  const [first = '', ...rest] = text.split('/')
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  const [host, path] = hasHost ? [first, rest.join('/')] : [DEFAULT_HOST, text]
  const at = path.indexOf('@')
  const named = at < 0 ? path : path.slice(0, at)
  const colon = named.indexOf(':')
  const name = colon < 0 ? named : named.slice(0, colon)
  const tag = colon < 0 ? DEFAULT_TAG : named.slice(colon + 1)
  try {
    return { host, name, reference: parseReference(at < 0 ? tag : path.slice(at + 1)) }
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    throw new ObjectError('BadRequest', `${text} is no image: ${String(error.details[0])}`)
  }
}
