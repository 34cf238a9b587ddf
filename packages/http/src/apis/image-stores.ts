/** Repositories and their tags as `image.openshift.io/v1` writes them: image streams and image stream tags. */
import { RegistryError } from '@sluice/core/errors'
import type { Registry } from '@sluice/core/registry'
import { parseReference, type Tag } from '@sluice/core/reference'
import {
  parseRepositoryName,
  projectOf,
  type ProjectName,
  type RepositoryName,
} from '@sluice/core/repository-name'
import type { ResourceStore } from './resource.ts'
import { shownText, timeOf, type Members, type WireObject } from './wire-object.ts'

export const IMAGE_VERSION = 'image.openshift.io/v1'

/** Of one stream in a list; the stream itself shows all that one page has. */
const LISTED_TAGS = 10
const MOST_TAGS = 1000

/** `host`: where images are pulled from, `''` where nobody knows. */
export function imageStreamStore(registry: Registry, host: string): ResourceStore {
  const wire = async (repository: RepositoryName, most: number): Promise<WireObject> => {
    const { tags } = await tagsOf(registry, repository, most)
    const namespace = projectOf(repository)
    const image = host === '' ? repository : `${host}/${repository}`
    return {
      apiVersion: IMAGE_VERSION,
      kind: 'ImageStream',
      metadata: { name: repository.slice(namespace.length + 1), namespace },
      spec: { lookupPolicy: { local: false } },
      status: { dockerImageRepository: image, tags: tags.map((tag) => ({ tag, items: null })) },
    }
  }
  return {
    get: async (namespace, name) => {
      const repository = repositoryOf(namespace, name)
      if (!repository) return undefined
      const known = await absentIfUnknown(() => registry.tags.list(repository, 1))
      return known && wire(repository, MOST_TAGS)
    },
    list: async (namespace, { limit, after }) => {
      const project = namespace as ProjectName
      const last = after === undefined ? undefined : `${project}/${after}`
      const { repositories, more } = await registry.catalog.list(
        [project],
        Math.min(limit, MOST_TAGS),
        last,
      )
      const items = await Promise.all(
        repositories.map((repository) => wire(repository, LISTED_TAGS)),
      )
      const end = repositories.at(-1)?.slice(project.length + 1)
      return { items, ...(more && end !== undefined ? { next: end } : {}) }
    },
  }
}

export function imageStreamTagStore(registry: Registry, host: string): ResourceStore {
  const wire = async (repository: RepositoryName, tag: Tag): Promise<WireObject | undefined> => {
    const found = await absentIfUnknown(() => registry.manifests.find(repository, { tag }))
    if (!found) return undefined
    const { digest, record } = found
    const namespace = projectOf(repository)
    const name = `${repository.slice(namespace.length + 1)}:${tag}`
    const created = timeOf(record.createdAt)
    const reference = `${host === '' ? '' : `${host}/`}${repository}@${digest}`
    return {
      apiVersion: IMAGE_VERSION,
      kind: 'ImageStreamTag',
      metadata: { name, namespace, creationTimestamp: created },
      tag: null,
      generation: 1,
      lookupPolicy: { local: false },
      image: {
        metadata: { name: digest, creationTimestamp: created },
        dockerImageReference: reference,
        dockerImageManifestMediaType: record.mediaType,
      },
    }
  }
  const get: ResourceStore['get'] = async (namespace, name) => {
    const parts = split(namespace, name)
    return parts && wire(parts.repository, parts.tag)
  }
  return {
    get,
    list: async (namespace) => {
      const items: WireObject[] = []
      const { repositories } = await registry.catalog.list([namespace as ProjectName], MOST_TAGS)
      for (const repository of repositories) {
        const { tags } = await tagsOf(registry, repository, MOST_TAGS)
        const found = await Promise.all(tags.map((tag) => wire(repository, tag)))
        items.push(...found.filter((one) => one !== undefined))
      }
      return { items }
    },
    remove: async ({ by, namespace, dryRun }, name) => {
      const parts = split(namespace, name)
      const before = await get(namespace, name, by)
      if (!parts || !before)
        throw new RegistryError(
          'MANIFEST_UNKNOWN',
          `imagestreamtags.image.openshift.io "${name}" not found`,
        )
      if (!dryRun) await registry.tags.remove(parts.repository, parts.tag)
      return before
    },
  }
}

/** `app:v1` is the tag `v1` of the repository `app`. */
function split(namespace: string | undefined, name: string) {
  const colon = name.lastIndexOf(':')
  const repository = repositoryOf(namespace, name.slice(0, colon))
  const tag = colon < 0 ? undefined : tagOf(name.slice(colon + 1))
  return repository && tag ? { repository, tag } : undefined
}

const tagsOf = async (
  registry: Registry,
  repository: RepositoryName,
  most: number,
): Promise<{ readonly tags: readonly Tag[] }> =>
  (await absentIfUnknown(() => registry.tags.list(repository, most))) ?? { tags: [] }

async function absentIfUnknown<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    const unknown =
      error instanceof RegistryError && ['MANIFEST_UNKNOWN', 'NAME_UNKNOWN'].includes(error.code)
    if (unknown) return undefined
    throw error
  }
}

function repositoryOf(namespace: string | undefined, name: string): RepositoryName | undefined {
  try {
    return parseRepositoryName(`${namespace}/${name}`)
  } catch {
    return undefined
  }
}

function tagOf(text: string): Tag | undefined {
  try {
    const reference = parseReference(text)
    return 'tag' in reference ? reference.tag : undefined
  } catch {
    return undefined
  }
}

export const tagsText = ({ status }: WireObject): string => {
  const { tags } = (status ?? {}) as Members
  return Array.isArray(tags) ? tags.map((one) => shownText((one as Members)['tag'])).join(',') : ''
}
