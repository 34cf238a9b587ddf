/** One of everything that a registry does for its clients, one request after the other. */
import type { SettableClock } from '../../temporary-registry.ts'
import { ask, type Answer } from '../ask.ts'
import { contentOf } from '../content.ts'
import { descriptorOf } from '../kill/push-blob.ts'
import { imageManifest, veryManyLayers } from '../kill/push-manifest.ts'
import type { Ledger, LoadManifest } from '../kill/ledger.ts'
import type { Beside } from '../open-beside.ts'

export const APP = 'default/app'
export const OTHER = 'default/other'

const DAY = 86_400_000
/** More than one transaction can count. */
const MANY_LAYERS = 105

const layer = contentOf('layer', 5000)
const config = contentOf('config', 500)
const chunked = contentOf('chunked', 9000)
const [ofLayer, ofConfig, ofChunked] = [layer, config, chunked].map((one) => descriptorOf(one))
if (!ofLayer || !ofConfig || !ofChunked) throw new Error('three descriptors')

const plan = { repository: APP, config: ofConfig, layers: [ofLayer, ofChunked] }
const image = imageManifest({ ...plan, nonce: 'image' })
const next = imageManifest({ ...plan, nonce: 'next' })
const large = imageManifest({ ...plan, nonce: 'large', subject: image.descriptor, isLarge: true })
const many = imageManifest({
  ...plan,
  nonce: 'many',
  layers: veryManyLayers(MANY_LAYERS).map((one) => one.descriptor),
})

/** What stands before the crash, and keeps the blobs of the manifest of very many: to push them makes the scenario long. */
export async function prepare({ door, registry }: Beside, clock: SettableClock): Promise<void> {
  const put = async (method: string, path: string, body: Buffer, type: string): Promise<void> => {
    const headers = { 'content-type': type }
    const { status } = await ask(door, method, `/v2/${APP}/${path}`, { headers, body })
    if (status !== 201) throw new Error(`${method} ${path}: ${status}`)
  }
  for (const { bytes, descriptor } of veryManyLayers(MANY_LAYERS)) {
    await put('POST', `blobs/uploads/?digest=${descriptor.digest}`, bytes, '')
  }
  const [first, ...rest] = veryManyLayers(MANY_LAYERS).map((one) => one.descriptor)
  if (!first) return
  const kept = imageManifest({ repository: APP, nonce: 'kept', config: first, layers: rest })
  await put('PUT', 'manifests/kept', kept.bytes(), kept.descriptor.mediaType)
  clock.advance(2 * DAY)
  await registry.sweeper.sweep()
}

/** A client that comes again after a crash may find done what it asks for. */
export async function runScenario(
  { door, registry }: Beside,
  ledger: Ledger,
  clock: SettableClock,
  { again = false } = {},
): Promise<void> {
  const send = async (
    method: string,
    path: string,
    expected: number,
    options: Parameters<typeof ask>[3] = {},
  ): Promise<Answer> => {
    const answer = await ask(door, method, `/v2/${path}`, options)
    const isGone = again && method === 'DELETE' && answer.status === 404
    if (answer.status === expected || isGone) return answer
    throw new Error(`${method} ${path}: ${answer.status} ${answer.body.toString().slice(0, 300)}`)
  }
  const start = async (): Promise<string> => {
    const { headers } = await send('POST', `${APP}/blobs/uploads/`, 202)
    return (headers.get('location') ?? '').replace('/v2/', '')
  }
  const push = async (repository: string, body: Buffer): Promise<unknown> =>
    send('POST', `${repository}/blobs/uploads/?digest=${descriptorOf(body).digest}`, 201, { body })
  const put = async (manifest: LoadManifest, tag: string): Promise<void> => {
    const pending = ledger.put(manifest, [tag])
    await send('PUT', `${manifest.repository}/manifests/${tag}`, 201, {
      headers: { 'content-type': manifest.descriptor.mediaType },
      body: manifest.bytes(),
    })
    pending.done()
  }
  const remove = async (manifest: LoadManifest): Promise<void> => {
    const pending = ledger.deleteManifest(manifest)
    await send('DELETE', `${APP}/manifests/${manifest.descriptor.digest}`, 202)
    pending.done()
  }

  await push(APP, layer)
  await push(APP, config)
  const upload = await start()
  await send('PATCH', upload, 202, { body: chunked.subarray(0, 4000) })
  await send('PATCH', upload, 202, { body: chunked.subarray(4000, 8000) })
  await send('PUT', `${upload}?digest=${ofChunked!.digest}`, 201, { body: chunked.subarray(8000) })
  await put(image, 'latest')
  await put(large, 'large')
  await put(many, 'many')

  // Bytes that are known already, bytes that are not what they should be, and bytes that nobody wants.
  await push(APP, layer)
  const second = await start()
  await send('PATCH', second, 202, { body: layer })
  await send('PUT', `${second}?digest=${ofLayer!.digest}`, 201)
  await send('POST', `${APP}/blobs/uploads/?digest=${ofLayer!.digest}`, 400, { body: config })
  const wrong = await start()
  await send('PATCH', wrong, 202, { body: config })
  await send('PUT', `${wrong}?digest=${ofLayer!.digest}`, 400)
  const cancelled = await start()
  await send('PATCH', cancelled, 202, { body: config })
  await send('DELETE', cancelled, 204)
  const abandoned = await start()
  await send('PATCH', abandoned, 202, { body: config })

  await send('POST', `${OTHER}/blobs/uploads/?mount=${ofConfig!.digest}&from=${APP}`, 201)
  await send('DELETE', `${OTHER}/blobs/${ofConfig!.digest}`, 202)
  await put(next, 'latest')
  const untag = ledger.deleteTag(APP, 'large')
  await send('DELETE', `${APP}/manifests/large`, 202)
  untag.done()
  await remove(large)
  await remove(many)
  await remove(image)
  clock.advance(2 * DAY)
  await registry.sweeper.sweep()
}
