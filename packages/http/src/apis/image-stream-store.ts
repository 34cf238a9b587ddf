/** Repositories as `image.openshift.io/v1` writes them: image streams. */
import { IMAGE_GROUP } from '@sluice/core/rbac/attributes'
import type { Registry } from '@sluice/core/registry'
import { projectOf, type ProjectName, type RepositoryName } from '@sluice/core/repository-name'
import type { RepositoryRecord } from '@sluice/core/records/repository-record'
import { ifKnown, repositoryOf, streamOf } from './image-names.ts'
import { IMAGE_VERSION } from './image-wire.ts'
import { notFound } from './not-found.ts'
import type { ResourceStore } from './resource.ts'
import { isMembers, shownText, timeOf, type WireObject } from './wire-object.ts'

/** Of one stream in a list; the stream itself shows more. */
const LISTED_TAGS = 10
const MOST_TAGS = 1000
const MOST_STREAMS = 1000
/** Milliseconds that one request gives to a removal, well below the gateway's 30 s; the sweeper does the rest. */
const REMOVAL_TIME = 10_000

/** `host`: where images are pulled from. */
export function imageStreamStore(registry: Registry, host: string): ResourceStore {
  const find = async (
    repository: RepositoryName,
    most: number,
  ): Promise<WireObject | undefined> => {
    const [record, listed] = await Promise.all([
      registry.repositories.find(repository),
      ifKnown(() => registry.tags.listed(repository, most)),
    ])
    if (!record) return undefined
    const image = `${host}/${repository}`
    const tags = (listed?.tags ?? []).map(({ tag, digest, updatedAt }) => ({
      tag,
      items: [
        {
          created: timeOf(updatedAt),
          dockerImageReference: `${image}@${digest}`,
          image: digest,
          generation: 1,
        },
      ],
    }))
    return {
      apiVersion: IMAGE_VERSION,
      kind: 'ImageStream',
      metadata: metadataOf(repository, record),
      spec: { lookupPolicy: { local: false } },
      status: { dockerImageRepository: image, tags },
    }
  }
  return {
    get: async (namespace, name) => {
      const repository = repositoryOf(namespace, name)
      return repository && find(repository, MOST_TAGS)
    },
    list: async (namespace, { limit, after }) => {
      const project = namespace as ProjectName
      const last = after === undefined ? undefined : `${project}/${after}`
      const most = Math.min(limit, MOST_STREAMS)
      const { repositories, more } = await registry.catalog.list([project], most, last)
      const found = await Promise.all(repositories.map((one) => find(one, LISTED_TAGS)))
      const items = found.filter((one) => one !== undefined)
      const end = more ? repositories.at(-1) : undefined
      return { items, ...(end === undefined ? {} : { next: streamOf(end) }) }
    },
    remove: async ({ namespace, dryRun }, name) => {
      const repository = repositoryOf(namespace, name)
      const before = repository && (await find(repository, LISTED_TAGS))
      if (!before) throw notFound({ group: IMAGE_GROUP, plural: 'imagestreams' }, name)
      if (dryRun) return before
      const end = Date.now() + REMOVAL_TIME
      const done = await registry.repositories.remove(repository, () => Date.now() > end)
      const left = done ? undefined : await find(repository, LISTED_TAGS)
      if (left) return left
      const { deletionTimestamp: _, ...metadata } = before.metadata
      return { ...before, metadata }
    },
  }
}

const metadataOf = (
  repository: RepositoryName,
  { createdAt, removingSince }: RepositoryRecord,
): WireObject['metadata'] => ({
  name: streamOf(repository),
  namespace: projectOf(repository),
  ...(createdAt === undefined ? {} : { creationTimestamp: timeOf(createdAt) }),
  ...(removingSince === undefined ? {} : { deletionTimestamp: timeOf(removingSince) }),
})

/** What a table shows of them. */
export const tagsText = ({ status }: WireObject): string => {
  const { tags } = isMembers(status) ? status : {}
  return Array.isArray(tags)
    ? tags
        .filter(isMembers)
        .map(({ tag }) => shownText(tag))
        .join(',')
    : ''
}
