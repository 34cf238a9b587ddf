/**
 * What may be asked of a project that caches an upstream, by making an object that nobody keeps: that a tag is looked at
 * anew, that an image is fetched beforehand, that one is forgotten. Each is over soon; what is not, says so, and is asked again.
 */
import { parseDigest } from '@sluice/core/digest'
import { parsePlatform } from '@sluice/core/platform'
import type { ResourceAttributes } from '@sluice/core/rbac/attributes'
import { IMAGE_GROUP } from '@sluice/core/rbac/attributes'
import { parseTag, type Reference } from '@sluice/core/reference'
import type { Registry } from '@sluice/core/registry'
import { parseRepositoryName, type RepositoryName } from '@sluice/core/repository-name'
import { SLUICE_GROUP } from '@sluice/core/services/upstream-kind'
import type { Answering } from './discovery.ts'
import { ANYTHING, objectOf, TEXT, TEXTS } from './schema.ts'
import { unknownFields } from './unknown-fields.ts'
import { badRequest, membersOf, textOf, textsOf, type Members } from './wire-object.ts'

/** Milliseconds that one request gives to a prefetch: then whoever waits hears how far it has come. */
const PREFETCH_TIME = 2_000
/** The same of a removal, well below the gateway's 30 s; the sweeper does the rest. */
const PURGE_TIME = 10_000

const OBJECT = objectOf({
  apiVersion: TEXT,
  kind: TEXT,
  metadata: ANYTHING,
  spec: objectOf({ repository: TEXT, tag: TEXT, digest: TEXT, platforms: TEXTS }),
})

type CachedImages = Registry['cachedImages']

interface CacheRequest {
  readonly kind: string
  /** What whoever asks must be allowed to do to the image stream. */
  readonly verb: 'delete' | 'update'
  /** Answers the `status`. */
  readonly answer: (
    images: CachedImages,
    repository: RepositoryName,
    spec: Members,
  ) => Promise<Members>
}

const REQUESTS: Readonly<Record<string, CacheRequest>> = {
  imagerefreshes: {
    kind: 'ImageRefresh',
    verb: 'update',
    answer: async (images, repository, spec) => {
      const tag = textOf(spec['tag'], 'spec.tag')
      if (tag === '') throw badRequest('spec.tag must be set: a digest never changes')
      const { digest, before, next } = await images.refresh(repository, parseTag(tag))
      return {
        digest,
        ...(before === undefined ? {} : { previousDigest: before }),
        ...(next === undefined ? {} : { nextDigest: next }),
      }
    },
  },
  imageprefetches: {
    kind: 'ImagePrefetch',
    verb: 'update',
    answer: async (images, repository, spec) => {
      const reference = referenceOf(spec)
      if (!reference) throw badRequest('spec.tag or spec.digest must be set')
      const named = textsOf(spec['platforms'], 'spec.platforms').map(parsePlatform)
      const platforms = named.length > 0 ? named : undefined
      const patience = AbortSignal.timeout(PREFETCH_TIME)
      const { digest, finished, ...rest } = await images.prefetch(
        repository,
        reference,
        platforms,
        patience,
      )
      const failures = rest.failures.map((failure) => ({ ...failure }))
      const { manifests, blobs, bytes } = rest
      return {
        digest,
        manifests: { ...manifests },
        blobs: { ...blobs },
        bytes: { ...bytes },
        failures,
        finished,
      }
    },
  },
  imagepurges: {
    kind: 'ImagePurge',
    verb: 'delete',
    answer: async (images, repository, spec) => {
      const patience = AbortSignal.timeout(PURGE_TIME)
      const stop = () => patience.aborted
      return { finished: await images.purge(repository, referenceOf(spec), stop) }
    },
  },
}

export const CACHE_ANSWERING: readonly Answering[] = Object.entries(REQUESTS).map(
  ([plural, { kind }]) => ({
    group: SLUICE_GROUP,
    version: 'v1',
    plural,
    kind,
    namespaced: true,
    verbs: ['create'],
  }),
)

export const isCacheRequest = (group: string, plural: string): boolean =>
  group === SLUICE_GROUP && Object.hasOwn(REQUESTS, plural)

/** A request that was read: what it takes, and what it does. */
export interface ReadCacheRequest {
  readonly right: ResourceAttributes
  readonly answer: (registry: Registry) => Promise<Members>
}

export function readCacheRequest(
  plural: string,
  namespace: string,
  object: Members,
): ReadCacheRequest {
  const { kind, verb, answer } = REQUESTS[plural]!
  // A platform that was said wrongly must not pass for all of them.
  const [unknown] = unknownFields(object, OBJECT)
  if (unknown !== undefined) throw badRequest(`unknown field ${JSON.stringify(unknown)}`)
  const spec = membersOf(object['spec'], 'spec')
  const name = textOf(spec['repository'], 'spec.repository')
  if (name === '') throw badRequest('spec.repository must be set: the name within the project')
  const where = { group: IMAGE_GROUP, resource: 'imagestreams', namespace, name }
  return {
    right: { verb, ...where },
    answer: async ({ cachedImages }) => {
      const repository = parseRepositoryName(`${namespace}/${name}`)
      const status = await answer(cachedImages, repository, spec)
      return { kind, apiVersion: `${SLUICE_GROUP}/v1`, metadata: { namespace }, spec, status }
    },
  }
}

function referenceOf(spec: Members): Reference | undefined {
  const tag = textOf(spec['tag'], 'spec.tag')
  const digest = textOf(spec['digest'], 'spec.digest')
  if (tag !== '' && digest !== '') throw badRequest('spec.tag and spec.digest exclude each other')
  if (digest !== '') return { digest: parseDigest(digest) }
  return tag === '' ? undefined : { tag: parseTag(tag) }
}
