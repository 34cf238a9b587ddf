/** Somebody who wants to be told of what is done, and does not always answer as he should. */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ReceivedEvent {
  readonly id: string
  readonly timestamp: string
  readonly action: string
  readonly target: Readonly<Record<string, string | number>>
  readonly request: Readonly<Record<string, string>>
  readonly actor: { readonly name?: string }
  readonly source: Readonly<Record<string, string>>
}

export interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly events: readonly ReceivedEvent[]
}

export interface Receiver {
  readonly url: string
  /** All that came, whatever the answer was. */
  readonly received: readonly Received[]
  readonly events: readonly ReceivedEvent[]
  /** What it answers from now on; `hang` is nothing at all. */
  answer(status: number | 'hang', headers?: Readonly<Record<string, string>>): void
  forget(): void
  close(): Promise<void>
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = []
  const hanging = new Set<ServerResponse>()
  let answer: number | 'hang' = 200
  let answerHeaders: Readonly<Record<string, string>> = {}
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const body = Buffer.concat(await Array.fromAsync<Buffer>(incoming)).toString()
      const { events } = JSON.parse(body) as { events: ReceivedEvent[] }
      received.push({ headers: incoming.headers, body, events })
      if (answer === 'hang') hanging.add(outgoing)
      else outgoing.writeHead(answer, answerHeaders).end('thank you')
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    get events() {
      return received.flatMap(({ events }) => events)
    },
    answer: (status, headers = {}) => {
      answer = status
      answerHeaders = headers
    },
    forget: () => void received.splice(0),
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
