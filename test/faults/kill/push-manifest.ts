/** Images, referrers, indexes and the two kinds of manifest that the registry keeps in another way than the rest. */
import { contentOf } from '../content.ts'
import type { Descriptor, LoadManifest } from './ledger.ts'
import type { LoadClient } from './load-client.ts'
import { descriptorOf, pushBlob } from './push-blob.ts'

const IMAGE = 'application/vnd.oci.image.manifest.v1+json'
const INDEX = 'application/vnd.oci.image.index.v1+json'
const CONFIG = 'application/vnd.oci.image.config.v1+json'

/** More than fits in a record: such a manifest's body is an object. */
const LARGE = 310_000
const LARGEST_LAYER = 60_000
const SHARED_LAYERS = 12

export const TAGS = ['latest', 'stable', 'next', 'old']
/** A manifest of so many blobs is more than one transaction can count. */
export const VERY_MANY = 150
export const MANY = 'default/many'

export interface ManifestPlan {
  readonly repository: string
  readonly nonce: string
  readonly layers: readonly Descriptor[]
  readonly config: Descriptor
  readonly subject?: Descriptor | undefined
  readonly isLarge?: boolean
}

export function imageManifest(plan: ManifestPlan): LoadManifest {
  const { repository, nonce, config, layers, subject, isLarge = false } = plan
  const make = (): Buffer => {
    const annotations = { nonce, ...(isLarge && { padding: 'n'.repeat(LARGE) }) }
    const json = { schemaVersion: 2, mediaType: IMAGE, config, layers, subject, annotations }
    return Buffer.from(JSON.stringify(json))
  }
  const descriptor = descriptorOf(make(), { mediaType: IMAGE })
  const blobs = [config, ...layers]
  return { repository, descriptor, bytes: make, blobs, subject: subject?.digest }
}

export async function pushImage(client: LoadClient): Promise<void> {
  const { random } = client
  const repository = client.repository()
  const nonce = client.fresh()
  const config = await pushContent(client, repository, `config ${nonce}`, 200)
  const layers: Descriptor[] = []
  for (let left = random.below(3) + 1; left > 0; left--) {
    const name = random.chance(60) ? `shared ${random.below(SHARED_LAYERS)}` : client.fresh()
    const layer = await pushContent(client, repository, name)
    if (layer) layers.push(layer)
  }
  if (!config) return
  const subject = random.chance(25) ? known(client, repository)?.descriptor : undefined
  const isLarge = random.chance(6)
  const plan = { repository, nonce, config, layers, subject, isLarge }
  await putManifest(client, imageManifest(plan), drawTags(client))
}

export async function pushIndex(client: LoadClient): Promise<void> {
  const repository = client.repository()
  const nonce = client.fresh()
  const children = new Set([known(client, repository), known(client, repository)])
  const manifests = [...children].flatMap((child) => child?.descriptor ?? [])
  const json = { schemaVersion: 2, mediaType: INDEX, manifests, annotations: { nonce } }
  const bytes = Buffer.from(JSON.stringify(json))
  const descriptor = descriptorOf(bytes, { mediaType: INDEX })
  const index = { repository, descriptor, bytes: () => bytes, blobs: [], subject: undefined }
  await putManifest(client, index, drawTags(client))
}

/** One of the blobs may be deleted while they are counted. */
export async function pushVeryMany(client: LoadClient): Promise<void> {
  const nonce = client.fresh()
  const layers = veryManyLayers().map(({ descriptor }) => descriptor)
  const fleeting = await pushContent(client, MANY, nonce, 100)
  const [config] = layers
  if (!config || !fleeting) return
  const plan = { repository: MANY, nonce, config, layers: [...layers.slice(1), fleeting] }
  const put = putManifest(client, imageManifest(plan), drawTags(client))
  const path = `/v2/${MANY}/blobs/${fleeting.digest}`
  const expected = ['202', '404 BLOB_UNKNOWN', '405 UNSUPPORTED']
  const takeAway = client.random.chance(30)
  await Promise.all([put, takeAway && client.send('DELETE', path, expected)])
}

/** Puts a manifest that is there under a tag. */
export async function moveTag(client: LoadClient): Promise<void> {
  const manifest = known(client, client.repository())
  if (manifest) await putManifest(client, manifest, [client.random.pick(TAGS) ?? ''])
}

export function veryManyLayers(
  count = VERY_MANY,
): { readonly descriptor: Descriptor; readonly bytes: Buffer }[] {
  return Array.from({ length: count }, (_, at) => {
    const bytes = contentOf(`one of very many ${at}`, 100)
    return { bytes, descriptor: descriptorOf(bytes) }
  })
}

export function known(client: LoadClient, repository: string): LoadManifest | undefined {
  return client.random.pick(client.ledger.manifests(repository))
}

async function putManifest(
  client: LoadClient,
  manifest: LoadManifest,
  tags: readonly string[],
): Promise<void> {
  const { repository, descriptor, bytes } = manifest
  const [first = descriptor.digest, ...others] = client.random.chance(50)
    ? tags
    : [descriptor.digest, ...tags]
  const query = others.map((tag) => `tag=${tag}`).join('&')
  const path = `/v2/${repository}/manifests/${first}?${query}`
  const pending = client.ledger.put(manifest, tags)
  // What it names may have been swept or deleted meanwhile.
  const answer = await client.send('PUT', path, ['201', '400 MANIFEST_BLOB_UNKNOWN'], {
    headers: { 'content-type': descriptor.mediaType },
    body: bytes(),
  })
  if (answer.status === 201) pending.done()
  else if (answer.status < 500) pending.refused()
}

async function pushContent(
  client: LoadClient,
  repository: string,
  name: string,
  most = LARGEST_LAYER,
): Promise<Descriptor | undefined> {
  // The name alone decides, so that clients share what they name alike.
  const draw = contentOf(`draw ${name}`, 3)
  const content = contentOf(name, 10 + Math.floor((draw.readUInt16BE() / 65_536) * (most - 10)))
  const algorithm = (draw[2] ?? 0) < 25 ? 'sha512' : 'sha256'
  const descriptor = descriptorOf(content, {
    algorithm,
    ...(name.startsWith('config ') && { mediaType: CONFIG }),
  })
  if (client.random.chance(20) && (await mount(client, repository, descriptor))) return descriptor
  return (await pushBlob(client, repository, descriptor, content)) ? descriptor : undefined
}

async function mount(
  client: LoadClient,
  repository: string,
  { digest }: Descriptor,
): Promise<boolean> {
  const from = client.random.chance(50) ? `&from=${client.repository()}` : ''
  const path = `/v2/${repository}/blobs/uploads/?mount=${digest}${from}`
  return (await client.send('POST', path, ['201', '202'])).status === 201
}

function drawTags({ random }: LoadClient): string[] {
  return TAGS.filter(() => random.chance(30))
}
