/** The pushes whose environments are killed. */
import { digestOf } from '@sluice/core/digest'
import { OCI_MANIFEST } from '@sluice/core/media-type'
import { parseRepositoryName } from '@sluice/core/repository-name'
import { contentOf } from '../../../faults/content.ts'
import { describeBytes, manifestBytes, type Descriptor } from '../../../http/push.ts'
import type { BereftClient } from './bereft-client.ts'
import type { KillableCloud } from './killable-cloud.ts'
import { pullBlob, pullManifest } from './pull-whole.ts'

export interface Push {
  readonly name: string
  /** Those whose environments are killed; of one that is taken twice the first. */
  readonly steps: readonly string[]
  /** How many objects a repository must keep that has these tags. */
  objects(tags: readonly string[]): number
  /** Where all runs push to, rather than each to a repository of its own. */
  readonly shared?: string
  /** What every cloud must have before. Answers how many objects that keeps. */
  prepare?(cloud: KillableCloud): Promise<number>
  /** Throws when something is not as it must be. */
  run(moment: PushMoment): Promise<void>
}

export interface PushMoment {
  readonly client: BereftClient
  /** Of this run alone, as its content should be. A token for it is good for `<repository>-other` too. */
  readonly repository: string
}

const MIB = 1024 * 1024

/** Below S3's least part, beyond it, and below again: the first waits in a tail, the second makes a part of both. */
const ENDS = [2.75 * MIB, 5.25 * MIB, 5.5 * MIB]

/** More than one transaction counts. */
const MANY = 101

const putManifest = (repository: string, tag: string, body: Buffer) => ({
  method: 'PUT',
  path: `/v2/${repository}/manifests/${tag}`,
  headers: { 'Content-Type': OCI_MANIFEST },
  body,
})

const imageOf = (config: Descriptor, layers: readonly Descriptor[], more: object = {}): Buffer =>
  manifestBytes({ mediaType: OCI_MANIFEST, config, layers, ...more })

export const chunkedBlob: Push = {
  name: 'chunked',
  steps: ['POST', ...ENDS.map((_, at) => `PATCH ${at + 1}`), 'PUT'],
  objects: (tags) => tags.length,
  run: async ({ client, repository }) => {
    const layer = contentOf(repository, ENDS.at(-1) ?? 0)
    await client.pushInChunks(repository, layer, ENDS)
    await pullBlob(client, repository, layer)
    const described = describeBytes(layer)
    const image = imageOf(described, [described])
    await client.send('PUT image', putManifest(repository, 'latest', image), 201)
    await pullManifest(client, repository, 'latest', image)
  },
}

export const image: Push = {
  name: 'image',
  steps: ['POST blob', 'POST mount', 'PUT image', 'PUT second', 'PUT large'],
  objects: (tags) => (tags.includes('latest') ? 2 : 0) + (tags.includes('large') ? 1 : 0),
  run: async ({ client, repository }) => {
    const config = contentOf(`${repository} config`, 300)
    const layer = contentOf(`${repository} layer`, 5000)
    const [ofConfig, ofLayer] = [describeBytes(config), describeBytes(layer)]
    const first = imageOf(ofConfig, [ofLayer])
    const second = imageOf(ofConfig, [ofLayer], { annotations: { is: 'the second' } })
    const large = imageOf(ofConfig, [], { annotations: { large: `${repository}${HUGE}` } })
    const other = `${repository}-other`
    const mount = `/v2/${other}/blobs/uploads/?mount=${ofLayer.digest}&from=${repository}`

    await client.pushWhole('POST blob', repository, config)
    await client.pushWhole('POST blob', repository, layer)
    await client.send('POST mount', { method: 'POST', path: mount }, 201)
    const latest = (body: Buffer) => putManifest(repository, 'latest', body)
    await client.send('PUT image', latest(first), 201)
    await pullImage(client, repository, [first], [config, layer])
    await client.send('PUT second', latest(second), 201, () =>
      pullImage(client, repository, [first, second], [config, layer]),
    )
    await client.send('PUT large', putManifest(repository, 'large', large), 201)

    await pullImage(client, repository, [second], [config, layer])
    await pullManifest(client, repository, describeBytes(first).digest, first)
    await pullManifest(client, repository, 'large', large)
    await pullBlob(client, other, layer)
  },
}

/** More than a record holds. */
const HUGE = 'l'.repeat(310_000)

const MANY_REPOSITORY = 'default/of-many'
const blobs = Array.from({ length: MANY }, (_, at) => contentOf(`one of many, ${at}`, 32))
const ofBlobs = blobs.map((blob) => describeBytes(blob))

/** Of layers that all runs share, under tags of their own. */
export const manyLayers: Push = {
  name: 'many',
  steps: ['PUT many'],
  shared: MANY_REPOSITORY,
  objects: () => 0,
  prepare: async ({ wing }) => {
    const name = parseRepositoryName(MANY_REPOSITORY)
    for (const blob of blobs) {
      const chunk = { source: once(blob), start: undefined, length: blob.byteLength }
      await wing.registry.uploads.push(name, digestOf('sha256', blob), chunk)
    }
    return MANY
  },
  run: async ({ client, repository }) => {
    const tag = repository.slice(repository.indexOf('/') + 1)
    const [config = describeBytes(Buffer.alloc(0)), ...layers] = ofBlobs
    const body = imageOf(config, layers, { annotations: { tag } })
    await client.send('PUT many', putManifest(MANY_REPOSITORY, tag, body), 201)
    await pullManifest(client, MANY_REPOSITORY, tag, body)
  },
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function pullImage(
  client: BereftClient,
  repository: string,
  manifests: readonly Buffer[],
  blobs: readonly Buffer[],
): Promise<void> {
  await pullManifest(client, repository, 'latest', ...manifests)
  for (const blob of blobs) await pullBlob(client, repository, blob)
}
