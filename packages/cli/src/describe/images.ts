/** Image streams and their tags, as `oc` describes them. */
import type { ApiObject } from '../api-client.ts'
import { withTabs } from '../tab-writer.ts'
import { openshiftMetadata, since } from './metadata.ts'

export interface TaggedImage extends ApiObject {
  readonly image: {
    readonly metadata: { readonly name: string; readonly creationTimestamp?: string }
    readonly dockerImageReference: string
    readonly dockerImageManifestMediaType: string
  }
}

/** `tags`: image stream tags of the stream. */
export function describeImageStream(
  stream: ApiObject,
  tags: readonly TaggedImage[],
  now: number,
): string {
  const { dockerImageRepository } = stream['status'] as { readonly dockerImageRepository: string }
  const images = new Set(tags.map(({ image }) => image.metadata.name))
  const head = [
    ...openshiftMetadata(stream, now),
    `Image Repository:\t${dockerImageRepository}`,
    'Image Lookup:\tlocal=false',
    ...(tags.length === 0
      ? ['Tags:\t<none>']
      : [`Unique Images:\t${images.size}`, `Tags:\t${tags.length}`]),
  ]
  const each = latestFirst(tags).map(
    ({ metadata, image }) => `
${metadata.name.slice(metadata.name.lastIndexOf(':') + 1)}
  no spec tag

  * ${image.dockerImageReference}
      ${since(image.metadata.creationTimestamp, now)}
`,
  )
  return withTabs(head) + each.join('')
}

const latestFirst = (tags: readonly TaggedImage[]): readonly TaggedImage[] => {
  const isLatest = ({ metadata }: TaggedImage): boolean => metadata.name.endsWith(':latest')
  return [...tags.filter(isLatest), ...tags.filter((tag) => !isLatest(tag))]
}

export const describeImageStreamTag = (tag: TaggedImage, now: number): string =>
  withTabs([
    `Image Name:\t${tag.image.metadata.name}`,
    `Docker Image:\t${tag.image.dockerImageReference}`,
    ...openshiftMetadata(tag, now),
    `Media Type:\t${tag.image.dockerImageManifestMediaType}`,
  ])
