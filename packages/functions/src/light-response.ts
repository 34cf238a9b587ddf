/** fetch's `Response`, as far as an app makes one and a result is made of it (`use-light-fetch.ts` says why). */
import { LightHeaders } from './light-headers.ts'

type Content = string | Uint8Array | ArrayBuffer | AsyncIterable<Uint8Array> | null

export class LightResponse {
  readonly status: number
  readonly headers: LightHeaders
  /** Its bytes, once. A stream that is left early is cancelled. */
  readonly body: AsyncIterable<Uint8Array> | Iterable<Uint8Array> | null

  /** Throws a TypeError for a header that HTTP cannot carry. */
  constructor(
    content: Content = null,
    init: {
      readonly status?: number
      readonly headers?: ConstructorParameters<typeof LightHeaders>[0]
    } = {},
  ) {
    this.status = init.status ?? 200
    this.headers = new LightHeaders(init.headers)
    if (typeof content === 'string' && !this.headers.has('content-type')) {
      this.headers.set('content-type', 'text/plain;charset=UTF-8')
    }
    this.body = bodyOf(content)
  }

  async arrayBuffer(): Promise<Uint8Array> {
    const pieces: Uint8Array[] = []
    for await (const piece of this.body ?? []) pieces.push(piece)
    return Buffer.concat(pieces)
  }
}

function bodyOf(content: Content): LightResponse['body'] {
  if (content === null) return null
  if (typeof content === 'string') return [Buffer.from(content)]
  if (content instanceof ArrayBuffer) return [new Uint8Array(content)]
  return content instanceof Uint8Array ? [content] : content
}
