/** Whichever thread is asked, what it tells is what all of them did, to the last request. */
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { METRICS, samplesOf, SECRET, type Samples } from './scrape.ts'
import { WatchedServer } from './watched-server.ts'

const CLIENTS = 24
const EACH = 50

describe.runIf(process.platform === 'linux')('the metrics of four threads', () => {
  let server: WatchedServer
  beforeAll(async () => {
    server = await WatchedServer.start()
  })
  afterAll(() => server?.stop())

  /** On a connection of its own: the kernel chooses the thread. */
  const ask = (path: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${SECRET}` }
      const asked = request(
        new URL(path, server.sluice.url),
        { headers, agent: false },
        (answer) => {
          let text = ''
          answer.setEncoding('utf8')
          answer.on('data', (piece: string) => (text += piece))
          answer.on('end', () => resolve(text))
        },
      )
      asked.on('error', reject)
      asked.end()
    })
  const scrape = async (): Promise<Samples> => samplesOf(await ask(METRICS))
  const client = async (): Promise<void> => {
    for (let count = 0; count < EACH; count++) await ask('/nowhere')
  }
  const NOT_FOUND = 'imageregistry_http_requests_total{code="404",method="get"}'
  const FOUND = 'imageregistry_http_requests_total{code="200",method="get"}'

  it('add up while they are asked from all sides, and never fall', async () => {
    const over = new AbortController()
    const watch = async (): Promise<number> => {
      let scrapes = 0
      for (let last = 0; !over.signal.aborted; scrapes++) {
        const seen = (await scrape()).get(NOT_FOUND) ?? 0
        expect(seen).toBeGreaterThanOrEqual(last)
        last = seen
      }
      return scrapes
    }
    const watchers = [watch(), watch(), watch()]
    await Promise.all(Array.from({ length: CLIENTS }, client))
    over.abort()
    const scrapes = (await Promise.all(watchers)).reduce((sum, count) => sum + count, 0)
    for (let again = 0; again < 8; again++) {
      const seen = await scrape()
      expect(seen.get(NOT_FOUND)).toBe(CLIENTS * EACH)
      expect(seen.get(FOUND)).toBe(scrapes + again)
      expect(seen.get('imageregistry_http_request_duration_seconds_count{method="get"}')).toBe(
        CLIENTS * EACH + scrapes + again,
      )
      expect(seen.get('imageregistry_http_in_flight_requests')).toBe(1)
    }
  })
})
