/** A small JSON document of another server, over Node's own client: what `fetch` brings along costs a cold start. */
import { request as requestHttps } from 'node:https'

/** A key set of hundreds of keys is smaller. */
const MAX_BYTES = 1024 * 1024

/** Follows no redirect: an issuer's keys are where its owner was told they are, or nowhere. Rejects for all but a 200. */
export function fetchJson(
  url: string,
  signal: AbortSignal,
  certificateAuthority?: string,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const { protocol } = new URL(url)
    // As a module of its own node:http would load all of fetch, for the WebSocket among its names.
    const { request } =
      protocol === 'https:' ? { request: requestHttps } : process.getBuiltinModule('node:http')
    const options = {
      headers: { accept: 'application/json' },
      signal,
      ...(certificateAuthority === undefined ? {} : { ca: certificateAuthority }),
    }
    const asked = request(url, options, (answer) => {
      if (answer.statusCode !== 200) {
        answer.resume()
        reject(new Error(`${url} answers ${answer.statusCode}`))
        return
      }
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (chunk: string) => {
        text += chunk
        if (text.length > MAX_BYTES) answer.destroy(new Error(`${url} answers too much`))
      })
      answer.on('error', reject)
      answer.on('end', () => {
        try {
          resolve(JSON.parse(text))
        } catch {
          reject(new Error(`${url} answers no JSON`))
        }
      })
    })
    asked.on('error', (error) => reject(new Error(`${url} cannot be asked: ${error.message}`)))
    asked.end()
  })
}
