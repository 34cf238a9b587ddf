/** A registry in the cloud's engines with one image in it, pushed through a function, and tokens for it. */
import type { EngineUrls } from '../../cloud/engines/engine-clients.ts'
import { createStage } from '../../cloud/engines/create-stage.ts'
import { digestOf, IMAGE_MANIFEST, randomImage, renamed, type Image } from '../image.ts'
import { scopeOf } from '../push-image.ts'
import { RunningFunction, type FunctionQuestion } from './running-function.ts'

export const REPOSITORY = 'default/bench'
export const TAG = 'latest'
const TAGS = 100
const TAGS_PER_PUT = 10
const PASSWORD = 'password'

/** Tokens live for minutes; this is well within. */
const TOKEN_MS = 60_000

export type Headers = Readonly<Record<string, string>>

const basic = `Basic ${Buffer.from(`kubeadmin:${PASSWORD}`).toString('base64')}`

export const tokenQuestion: FunctionQuestion = {
  target: `/token?service=sluice&scope=${scopeOf(REPOSITORY)}`,
  headers: { authorization: basic },
  status: 200,
}

export const blobPush = (bytes: Buffer, headers: Headers): FunctionQuestion => ({
  method: 'POST',
  target: `/v2/${REPOSITORY}/blobs/uploads/?digest=${digestOf(bytes)}`,
  headers: { ...headers, 'content-type': 'application/octet-stream' },
  body: bytes,
  status: 201,
})

export const manifestPut = (
  reference: string,
  manifest: Buffer,
  headers: Headers,
): FunctionQuestion => ({
  method: 'PUT',
  target: `/v2/${REPOSITORY}/manifests/${reference}`,
  headers: { ...headers, 'content-type': IMAGE_MANIFEST },
  body: manifest,
  status: 201,
})

export class FilledStage {
  readonly image: Image = randomImage(5, 4096)
  /** Of its doors. */
  readonly environment: Headers
  readonly #door: RunningFunction
  #granted: { readonly headers: Headers; readonly at: number } | undefined

  private constructor(environment: Headers, door: RunningFunction) {
    this.environment = environment
    this.#door = door
  }

  /** `api`: the bundle of the function that fills it. */
  static async fill(urls: EngineUrls, name: string, api: string): Promise<FilledStage> {
    const environment = {
      ...(await createStage({ urls, name, password: PASSWORD })),
      SLUICE_PUBLIC_URL: 'http://registry.example',
    }
    const stage = new FilledStage(environment, await RunningFunction.start(api, environment))
    try {
      await stage.#push()
      return stage
    } catch (error) {
      await stage.close()
      throw error
    }
  }

  /** Authorization to pull and push. */
  async headers(): Promise<Headers> {
    if (this.#granted && performance.now() - this.#granted.at < TOKEN_MS) {
      return this.#granted.headers
    }
    const { result } = await this.#door.ask(tokenQuestion)
    const { token }: { token: string } = JSON.parse(result.body ?? '')
    const headers = { authorization: `Bearer ${token}` }
    this.#granted = { headers, at: performance.now() }
    return headers
  }

  async close(): Promise<void> {
    await this.#door.close()
  }

  async #push(): Promise<void> {
    const headers = await this.headers()
    for (const blob of this.image.blobs) await this.#door.ask(blobPush(blob, headers))
    await this.#door.ask(manifestPut(TAG, this.image.manifest, headers))
    for (let at = 0; at < TAGS; at += TAGS_PER_PUT) {
      const manifest = renamed(this.image, `filled ${at}`)
      const tags = Array.from({ length: TAGS_PER_PUT }, (_, k) => `tag=t${at + k}`)
      const reference = `${digestOf(manifest)}?${tags.join('&')}`
      await this.#door.ask(manifestPut(reference, manifest, headers))
    }
  }
}
