import { Agent, request } from 'node:http'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

export interface Answer {
  readonly status: number
  readonly location: string | undefined
  readonly body: Buffer
}

export interface Question {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer | { readonly stream: Readable; readonly size: number }
  /** Takes the body piece by piece, instead of its being kept. */
  readonly onData?: (chunk: Buffer) => void
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 })
/** Nothing here takes this long unless the server hangs. */
const PATIENCE_MS = 300_000

/** One request with Content-Length over a kept connection; `node:http` costs the shared cores less than fetch. */
export async function exchange(
  method: string,
  url: string | URL,
  { headers = {}, body, onData }: Question = {},
): Promise<Answer> {
  const size = body === undefined ? 0 : Buffer.isBuffer(body) ? body.length : body.size
  const outgoing = request(url, {
    method,
    agent,
    timeout: PATIENCE_MS,
    headers: {
      ...headers,
      ...(['GET', 'HEAD'].includes(method) ? {} : { 'content-length': size }),
    },
  })
  outgoing.on('timeout', () => outgoing.destroy(new Error(`${method} ${String(url)} hangs`)))
  const answered = new Promise<Answer>((resolve, reject) => {
    outgoing.on('error', reject)
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', onData ?? ((chunk: Buffer) => chunks.push(chunk)))
      incoming.on('error', reject)
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          location: incoming.headers.location,
          body: Buffer.concat(chunks),
        }),
      )
    })
  })
  const sent =
    body === undefined || Buffer.isBuffer(body)
      ? Promise.resolve(outgoing.end(body))
      : pipeline(body.stream, outgoing)
  return (await Promise.all([answered, sent]))[0]
}

/** The same, for an answer that must have one status. */
export async function expectStatus(
  status: number,
  method: string,
  url: string | URL,
  question?: Question,
): Promise<Answer> {
  const answer = await exchange(method, url, question)
  if (answer.status !== status) {
    const said = answer.body.toString().slice(0, 300)
    throw new Error(`${method} ${String(url)} answered ${answer.status}, not ${status}: ${said}`)
  }
  return answer
}
