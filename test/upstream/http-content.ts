import { digestOfBytes, type MadeManifest, type UpstreamContent } from './upstream-content.ts'

/** Headers that let a repository be pushed to. */
export type Authorize = (repository: string) => Promise<Readonly<Record<string, string>>>

/** Pushes to a real registry, as a client does. */
export class HttpContent implements UpstreamContent {
  readonly #url: string
  readonly #authorize: Authorize

  constructor(url: string, authorize: Authorize = () => Promise.resolve({})) {
    this.#url = url
    this.#authorize = authorize
  }

  async putBlob(repository: string, bytes: Uint8Array): Promise<void> {
    const begun = await this.#send('POST', repository, `/v2/${repository}/blobs/uploads/`)
    const upload = new URL(begun.headers.get('location') ?? '', this.#url)
    upload.searchParams.set('digest', digestOfBytes(bytes))
    await this.#send('PUT', repository, upload.href, bytes, 'application/octet-stream')
  }

  async putManifest(repository: string, reference: string, made: MadeManifest): Promise<void> {
    const path = `/v2/${repository}/manifests/${reference}`
    await this.#send('PUT', repository, path, made.bytes, made.mediaType)
  }

  async #send(
    method: string,
    repository: string,
    path: string,
    body: Uint8Array = Buffer.alloc(0),
    type?: string,
  ): Promise<Response> {
    const answer = await fetch(new URL(path, this.#url), {
      method,
      headers: {
        ...(await this.#authorize(repository)),
        ...(type !== undefined && { 'content-type': type }),
      },
      body: Buffer.from(body),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return answer
  }
}
