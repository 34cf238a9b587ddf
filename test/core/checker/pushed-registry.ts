import { digestOf, type Digest } from '@sluice/core/digest'
import { OCI_INDEX, OCI_MANIFEST } from '@sluice/core/media-type'
import type { Tag } from '@sluice/core/reference'
import type { Registry } from '@sluice/core/registry'
import type { ProjectName, RepositoryName } from '@sluice/core/repository-name'
import { openTemporaryRegistry, type TemporaryRegistry } from '../../temporary-registry.ts'

export const PROJECT = 'team' as ProjectName
export const REPOSITORY = 'team/app' as RepositoryName
export const OTHER = 'team/other' as RepositoryName

export const tag = (name: string): Tag => name as Tag

/** One of everything, pushed through the services. */
export interface PushedRegistry extends TemporaryRegistry {
  /** Named by the image; `spare` and `lonely` by nothing, `lonely` also linked nowhere else. */
  readonly layer: Digest
  readonly spare: Digest
  readonly image: Digest
  readonly referrer: Digest
  /** Its body is an object. */
  readonly large: Digest
  readonly uploadId: string
}

interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  readonly size: number
}

export async function pushBlob(
  registry: Registry,
  repository: RepositoryName,
  text: string,
  algorithm: 'sha256' | 'sha512' = 'sha256',
): Promise<Descriptor> {
  const bytes = Buffer.from(text)
  const digest = digestOf(algorithm, bytes)
  const source = (async function* () {
    yield bytes
  })()
  await registry.uploads.push(repository, digest, { source, start: 0, length: bytes.byteLength })
  return { mediaType: 'application/octet-stream', digest, size: bytes.byteLength }
}

export async function pushManifest(
  registry: Registry,
  repository: RepositoryName,
  json: object,
  tags: readonly string[] = [],
  mediaType = OCI_MANIFEST,
): Promise<Descriptor> {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...json }))
  const put = { bytes, contentType: mediaType, digest: undefined, tags: tags.map(tag) }
  const { digest } = await registry.manifests.put(repository, put)
  return { mediaType, digest, size: bytes.byteLength }
}

export async function openPushedRegistry(): Promise<PushedRegistry> {
  const opened = await openTemporaryRegistry()
  const { registry } = opened
  await registry.projects.create(PROJECT)

  const config = await pushBlob(registry, REPOSITORY, '{}')
  const layer = await pushBlob(registry, REPOSITORY, 'layer')
  const strong = await pushBlob(registry, REPOSITORY, 'strong layer', 'sha512')
  const spare = await pushBlob(registry, REPOSITORY, 'spare')
  const layers = [layer, strong]
  const image = await pushManifest(registry, REPOSITORY, { config, layers }, ['latest', 'v1'])
  await pushManifest(registry, REPOSITORY, { manifests: [image] }, ['all'], OCI_INDEX)
  const annotations = { note: 'signed' }
  const signature = { config, layers: [], subject: image, annotations }
  const referrer = await pushManifest(registry, REPOSITORY, signature)
  const padding = { config, layers: [layer], annotations: { note: 'n'.repeat(310_000) } }
  const large = await pushManifest(registry, REPOSITORY, { ...padding, subject: image }, ['large'])

  await registry.blobs.mount(OTHER, layer.digest, REPOSITORY)
  await pushManifest(registry, OTHER, { config: layer, layers: [] }, ['only'])

  const next = await pushManifest(registry, REPOSITORY, { config, layers: [layer] }, ['v1', 'gone'])
  await registry.tags.remove(REPOSITORY, tag('gone'))
  await registry.manifests.remove(REPOSITORY, next.digest)
  const gone = await pushBlob(registry, REPOSITORY, 'deleted')
  await registry.blobs.remove(REPOSITORY, gone.digest)

  const { id } = await registry.uploads.start(REPOSITORY)
  const source = (async function* () {
    yield Buffer.from('half of')
  })()
  await registry.uploads.append(REPOSITORY, id, { source, start: 0, length: undefined })
  // Past the times that the files carry.
  opened.clock.advance(60_000)
  return {
    ...opened,
    layer: layer.digest,
    spare: spare.digest,
    image: image.digest,
    referrer: referrer.digest,
    large: large.digest,
    uploadId: id,
  }
}
