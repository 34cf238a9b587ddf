/** Images of the whole registry, and those of one repository (`imagestreamimages`). */
import { IMAGE_GROUP } from '@sluice/core/rbac/attributes'
import type { Registry } from '@sluice/core/registry'
import type { RepositoryName } from '@sluice/core/repository-name'
import type { Image, ImagePlace } from '@sluice/core/services/images'
import { imageDigestOf, ifKnown, streamImageOf } from './image-names.ts'
import { IMAGE_VERSION, imageWire } from './image-wire.ts'
import { expired } from './list-place.ts'
import { notFound } from './not-found.ts'
import type { ResourceStore } from './resource.ts'
import { timeOf, type WireObject } from './wire-object.ts'

/** Each is looked for in all repositories that may hold it. */
const MOST_IMAGES = 500

export function imageStore(
  registry: Pick<Registry, 'images' | 'manifests'>,
  host: string,
): ResourceStore {
  const wire = async (image: Image): Promise<WireObject> => {
    const body = await registry.manifests.body(image.record)
    return { apiVersion: IMAGE_VERSION, kind: 'Image', ...imageWire(image, host, body) }
  }
  const find = async (name: string): Promise<WireObject | undefined> => {
    const digest = imageDigestOf(name)
    const image = digest && (await registry.images.find(digest))
    return image && wire(image)
  }
  return {
    get: (_, name) => find(name),
    list: async (_, { limit, after }) => {
      const page = await registry.images.list(Math.min(limit, MOST_IMAGES), placeOf(after))
      const items = await Promise.all(page.images.map(wire))
      const { next } = page
      return { items, ...(next ? { next: `${next.repository}@${next.digest}` } : {}) }
    },
    remove: async ({ dryRun }, name) => {
      const digest = imageDigestOf(name)
      const before = await find(name)
      const gone = before && digest && (dryRun || (await registry.images.remove(digest)))
      if (!gone) throw notFound({ group: IMAGE_GROUP, plural: 'images' }, name)
      return before
    },
  }
}

export function imageStreamImageStore(
  { manifests }: Pick<Registry, 'manifests'>,
  host: string,
): ResourceStore {
  return {
    get: async (namespace, name) => {
      const named = streamImageOf(namespace, name)
      const found = named && (await ifKnown(() => manifests.find(named.repository, named)))
      if (!found) return undefined
      const { record } = found
      const metadata = {
        name,
        namespace: namespace ?? '',
        creationTimestamp: timeOf(record.createdAt),
      }
      const image = imageWire({ ...named, record }, host, await manifests.body(record))
      return { apiVersion: IMAGE_VERSION, kind: 'ImageStreamImage', metadata, image }
    },
  }
}

function placeOf(after: string | undefined): ImagePlace | undefined {
  if (after === undefined) return undefined
  const at = after.lastIndexOf('@')
  const digest = imageDigestOf(after.slice(at + 1))
  if (at < 0 || !digest) throw expired()
  return { repository: after.slice(0, at) as RepositoryName, digest }
}
