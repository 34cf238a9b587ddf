import type { createApp } from '@sluice/http/app'
import type { Answer, Ask, Question } from './answer.ts'

/** The app's own fetch, as a door with nothing of its own would call it. */
export function askInProcess(app: ReturnType<typeof createApp>): Ask {
  return async ({ method = 'GET', path, headers = {}, body }) => {
    const response = await app.fetch(
      new Request(`http://registry.test${path}`, {
        method,
        headers: { Host: 'registry.test', ...framing(body), ...headers },
        ...(body === undefined ? {} : { body: bodyOf(body), duplex: 'half' }),
      }),
      { remoteAddress: '192.0.2.1' },
    )
    return read(response)
  }
}

/** What a client's HTTP library adds. */
function framing(body: Question['body']): Record<string, string> {
  if (body === undefined) return {}
  if (typeof body === 'string') return { 'Content-Length': String(Buffer.byteLength(body)) }
  if (body instanceof Uint8Array) return { 'Content-Length': String(body.byteLength) }
  return { 'Transfer-Encoding': 'chunked' }
}

function bodyOf(body: NonNullable<Question['body']>) {
  if (typeof body === 'string' || body instanceof Uint8Array) return Buffer.from(body)
  return ReadableStream.from(body)
}

async function read(response: Response): Promise<Answer> {
  const body = Buffer.from(await response.arrayBuffer())
  return { status: response.status, headers: Object.fromEntries(response.headers), body }
}
