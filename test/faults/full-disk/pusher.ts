/** Pushes to one server and remembers what it took. */
import { randomBytes } from 'node:crypto'
import type { RunningSluice } from '../../running-sluice.ts'
import { ask, serverDoor, type Answer, type Ask, type Door } from '../ask.ts'
import { Ledger, type LoadManifest } from '../kill/ledger.ts'
import { pullCheck } from '../kill/pull-check.ts'
import { descriptorOf } from '../kill/push-blob.ts'
import { imageManifest } from '../kill/push-manifest.ts'
import { openBeside } from '../open-beside.ts'

export const WAYS = ['POST', 'POST+PUT', 'POST+PATCH+PUT'] as const
export type Way = (typeof WAYS)[number]

const REPOSITORY = 'default/app'
const CONFIG = Buffer.from('{}')

/** Each push answers the first answer that is no success, or the last. */
export class Pusher {
  readonly #ledger = new Ledger()
  readonly #dataDir: string
  readonly #door: () => Door

  constructor(server: () => RunningSluice) {
    this.#dataDir = server().dataDir
    this.#door = () => serverDoor(server())
  }

  /** `path`: of the repository, or from an answer. */
  send(method: string, path: string, options: Ask = {}): Promise<Answer> {
    const whole = path.startsWith('/v2/') ? path : `/v2/${REPOSITORY}/${path}`
    return ask(this.#door(), method, whole, options)
  }

  async blob(way: Way, body: Buffer): Promise<Answer> {
    const { digest } = descriptorOf(body)
    if (way === 'POST') return this.send('POST', `blobs/uploads/?digest=${digest}`, { body })
    const started = await this.send('POST', 'blobs/uploads/')
    if (started.status !== 202) return started
    const location = started.headers.get('location') ?? ''
    if (way === 'POST+PUT') return this.send('PUT', `${location}?digest=${digest}`, { body })
    const patched = await this.send('PATCH', location, { body })
    return patched.status === 202 ? this.send('PUT', `${location}?digest=${digest}`) : patched
  }

  /** Of one layer. */
  async image(tag: string, way: Way, bytes: number): Promise<Answer> {
    const layer = randomBytes(bytes)
    for (const body of [CONFIG, layer]) {
      const answer = await this.blob(way, body)
      if (answer.status !== 201) return answer
    }
    return this.#put(tag, layer)
  }

  /** Another manifest of an image that is there, so large that its record takes pages of its own. */
  async manifestAlone(tag: string): Promise<Answer> {
    const [known] = this.manifests()
    const [config, ...layers] = known?.blobs ?? []
    if (!config) throw new Error('push an image first')
    const nonce = `${tag} ${'n'.repeat(9000)}`
    return this.#putManifest(imageManifest({ repository: REPOSITORY, nonce, config, layers }), tag)
  }

  async remove(manifest: LoadManifest): Promise<Answer> {
    const pending = this.#ledger.deleteManifest(manifest)
    const answer = await this.send('DELETE', `manifests/${manifest.descriptor.digest}`)
    if (answer.status === 202) pending.done()
    return answer
  }

  manifests(): LoadManifest[] {
    return this.#ledger.manifests(REPOSITORY)
  }

  /** Of all that was taken: what cannot be pulled. */
  lost(door = this.#door()): Promise<string[]> {
    return pullCheck(door, this.#ledger, this.#ledger.entries())
  }

  /** What cannot be pulled, and what fsck finds. */
  async problems(): Promise<string[]> {
    const beside = await openBeside(this.#dataDir)
    try {
      return [...(await beside.fsck({ deep: true, pause: 1500 })), ...(await this.lost())]
    } finally {
      await beside.close()
    }
  }

  #put(tag: string, layer: Buffer): Promise<Answer> {
    const config = descriptorOf(CONFIG)
    const layers = [descriptorOf(layer)]
    return this.#putManifest(
      imageManifest({ repository: REPOSITORY, nonce: tag, config, layers }),
      tag,
    )
  }

  async #putManifest(manifest: LoadManifest, tag: string): Promise<Answer> {
    const pending = this.#ledger.put(manifest, [tag])
    const answer = await this.send('PUT', `manifests/${tag}`, {
      headers: { 'content-type': manifest.descriptor.mediaType },
      body: manifest.bytes(),
    })
    if (answer.status === 201) pending.done()
    else pending.refused()
    return answer
  }
}
