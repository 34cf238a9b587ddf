/** Requests that last as long as their client wants, and what is known of how long that was. */
import { Agent, request } from 'node:http'

/** Seconds: a request lasted no less and no more than that, as the server sees it. */
export interface Lasted {
  readonly least: number
  readonly most: number
}

/** Each is a POST of one upload whose last byte comes late. */
export async function slowRequests(
  url: URL,
  authorization: string,
  seconds: readonly number[],
  atOnce: number,
): Promise<readonly Lasted[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
  const lasted: Lasted[] = []
  const left = [...seconds]
  const client = async (): Promise<void> => {
    for (let wanted = left.pop(); wanted !== undefined; wanted = left.pop()) {
      lasted.push(await one(url, authorization, agent, wanted))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, client))
  agent.destroy()
  return lasted
}

function one(url: URL, authorization: string, agent: Agent, wanted: number): Promise<Lasted> {
  return new Promise((resolve, reject) => {
    const began = performance.now()
    let goingOn = began
    let ended = began
    const headers = { authorization, expect: '100-continue', 'content-length': '4' }
    const asked = request(url, { method: 'POST', agent, headers })
    // The server has begun by then, and cannot end before the last byte.
    asked.once('continue', () => {
      goingOn = performance.now()
      asked.write('abc')
      setTimeout(() => {
        ended = performance.now()
        asked.end('d')
      }, wanted * 1000)
    })
    asked.once('response', (answer) => {
      answer.resume()
      answer.once('end', () =>
        resolve({ least: (ended - goingOn) / 1000, most: (performance.now() - began) / 1000 }),
      )
    })
    asked.once('error', reject)
    asked.flushHeaders()
  })
}
