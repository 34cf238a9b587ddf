/** Tags as `image.openshift.io/v1` writes them: image stream tags. */
import { IMAGE_GROUP } from '@sluice/core/rbac/attributes'
import type { Tag } from '@sluice/core/reference'
import type { Registry } from '@sluice/core/registry'
import { projectOf, type ProjectName, type RepositoryName } from '@sluice/core/repository-name'
import { ifKnown, streamOf, streamTagOf } from './image-names.ts'
import { IMAGE_VERSION, imageWire } from './image-wire.ts'
import { expired } from './list-place.ts'
import { notFound } from './not-found.ts'
import type { ResourceStore } from './resource.ts'
import { timeOf, type WireObject } from './wire-object.ts'

const MOST_TAGS = 1000
/** Read at once. */
const PAGE = 100

interface NamedTag {
  readonly repository: RepositoryName
  readonly tag: Tag
}

/** `host`: where images are pulled from. */
export function imageStreamTagStore(registry: Registry, host: string): ResourceStore {
  const wire = async (
    { repository, tag }: NamedTag,
    whole: boolean,
  ): Promise<WireObject | undefined> => {
    const found = await ifKnown(() => registry.manifests.find(repository, { tag }))
    if (!found) return undefined
    const { record } = found
    const body = whole ? await registry.manifests.body(record) : undefined
    return {
      apiVersion: IMAGE_VERSION,
      kind: 'ImageStreamTag',
      metadata: {
        name: nameOf({ repository, tag }),
        namespace: projectOf(repository),
        creationTimestamp: timeOf(record.createdAt),
      },
      tag: null,
      generation: 1,
      lookupPolicy: { local: false },
      image: imageWire({ ...found, repository }, host, body),
    }
  }
  const get: ResourceStore['get'] = async (namespace, name) => {
    const named = streamTagOf(namespace, name)
    return named && wire(named, true)
  }
  return {
    get,
    list: async (namespace, { limit, after }) => {
      const most = Math.min(limit, MOST_TAGS)
      const from = after === undefined ? undefined : streamTagOf(namespace, after)
      if (after !== undefined && !from) throw expired()
      const tags: NamedTag[] = []
      let more = false
      for await (const named of tagsOf(registry, namespace as ProjectName, from)) {
        more = tags.length === most
        if (more) break
        tags.push(named)
      }
      const found: (WireObject | undefined)[] = []
      for (let at = 0; at < tags.length; at += PAGE) {
        const page = tags.slice(at, at + PAGE)
        found.push(...(await Promise.all(page.map((named) => wire(named, false)))))
      }
      const last = more ? tags.at(-1) : undefined
      const items = found.filter((one) => one !== undefined)
      return { items, ...(last ? { next: nameOf(last) } : {}) }
    },
    remove: async ({ by, namespace, dryRun }, name) => {
      const named = streamTagOf(namespace, name)
      const before = await get(namespace, name, by)
      if (!named || !before) throw notFound({ group: IMAGE_GROUP, plural: 'imagestreamtags' }, name)
      if (!dryRun) await registry.tags.remove(named.repository, named.tag)
      return before
    },
  }
}

const nameOf = ({ repository, tag }: NamedTag): string => `${streamOf(repository)}:${tag}`

async function* tagsOf(
  registry: Registry,
  project: ProjectName,
  after: NamedTag | undefined,
): AsyncGenerator<NamedTag> {
  if (after) yield* tagsIn(registry, after.repository, after.tag)
  for (let last = after?.repository; ;) {
    const { repositories, more } = await registry.catalog.list([project], PAGE, last)
    for (const repository of repositories) yield* tagsIn(registry, repository)
    if (!more) return
    last = repositories.at(-1)
  }
}

async function* tagsIn(
  { tags }: Registry,
  repository: RepositoryName,
  after?: Tag,
): AsyncGenerator<NamedTag> {
  for (let last = after; ;) {
    const page = await ifKnown(() => tags.list(repository, PAGE, last))
    for (const tag of page?.tags ?? []) yield { repository, tag }
    if (!page?.more) return
    last = page.tags.at(-1)
  }
}
