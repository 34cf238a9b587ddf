/** Stands in front of DynamoDB Local and treats chosen calls as the real service does on a bad day. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/**
 * `lose`: does what is asked, and breaks the connection instead of answering. `hang`: the same, and keeps the connection.
 * `reset`: breaks the connection and does nothing. `halve`: reads half of the keys of a BatchGetItem and names the others
 * as unprocessed. `skip`: names all of them. `more`: says of a page that another may follow it, as the real service does
 * of one that ends at 1 MB, be it the last. A refusal is answered, and nothing done.
 */
export type Treatment = 'lose' | 'hang' | 'reset' | 'halve' | 'skip' | 'more' | Refusal

export interface Refusal {
  readonly status: number
  readonly type: string
  /** Cancellation reasons, by code. */
  readonly reasons?: readonly string[]
  /** Instead of DynamoDB's own form. */
  readonly body?: string
}

interface BatchGet {
  readonly RequestItems: Readonly<Record<string, { readonly Keys: readonly unknown[] }>>
}

export interface UnkindDynamoDb {
  readonly url: string
  /** What was asked so far: the operation and its input. */
  readonly calls: readonly { readonly name: string; readonly input: Record<string, unknown> }[]
  /** For the next calls, one each; without more, calls pass. */
  treat(...next: readonly Treatment[]): void
  /** For every call from now on. */
  treatAll(always: Treatment): void
  close(): Promise<void>
}

export async function startUnkindDynamoDb(upstream: string): Promise<UnkindDynamoDb> {
  const calls: { readonly name: string; readonly input: Record<string, unknown> }[] = []
  const queue: Treatment[] = []
  let always: Treatment | undefined

  const pass = async (headers: IncomingMessage['headers'], body: string): Promise<Buffer> => {
    const { 'x-amz-target': target = '', authorization = '' } = headers
    const asked = { 'content-type': 'application/x-amz-json-1.0', authorization }
    const answer = await fetch(upstream, {
      method: 'POST',
      headers: { ...asked, 'x-amz-target': String(target) },
      body,
    })
    const bytes = Buffer.from(await answer.arrayBuffer())
    return Buffer.concat([Buffer.from([answer.status === 200 ? 1 : 0]), bytes])
  }

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const text = (await buffer(request)).toString()
    const input: Record<string, unknown> = JSON.parse(text)
    calls.push({ name: String(request.headers['x-amz-target']).replace(/^.*\./, ''), input })
    const treatment = queue.shift() ?? always
    const answer = (status: number, body: Buffer | string): void => {
      response.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.0' }).end(body)
    }
    if (treatment === 'reset') {
      request.socket.destroy()
    } else if (typeof treatment === 'object') {
      answer(treatment.status, treatment.body ?? refusal(treatment))
    } else if (treatment === 'halve' || treatment === 'skip') {
      const { now, later } = split(input as unknown as BatchGet, treatment === 'halve')
      const passed = now && (await pass(request.headers, JSON.stringify(now)))
      const found: object = passed ? JSON.parse(passed.subarray(1).toString()) : { Responses: {} }
      answer(200, JSON.stringify({ ...found, UnprocessedKeys: later }))
    } else {
      const passed = await pass(request.headers, text)
      if (treatment === 'lose') request.socket.destroy()
      else if (treatment === 'more') answer(200, cutAtLast(passed.subarray(1).toString()))
      else if (treatment !== 'hang') answer(passed[0] === 1 ? 200 : 400, passed.subarray(1))
    }
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => request.socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    treat: (...next) => void queue.push(...next),
    treatAll: (treatment) => {
      always = treatment
    },
    close: async () => {
      server.close()
      server.closeAllConnections()
      if (server.listening) await once(server, 'close')
    },
  }
}

const refusal = ({ type, reasons }: Refusal): string =>
  JSON.stringify({
    __type: `com.amazonaws.dynamodb.v20120810#${type}`,
    message: 'refused by the test',
    ...(reasons && { CancellationReasons: reasons.map((Code) => ({ Code })) }),
  })

function cutAtLast(page: string): string {
  const found: { Items: Record<string, unknown>[] } = JSON.parse(page)
  const { pk, sk } = found.Items.at(-1)!
  return JSON.stringify({ ...found, LastEvaluatedKey: { pk, sk } })
}

/** `now` is absent where no key is read now. */
function split({ RequestItems }: BatchGet, halve: boolean) {
  const [table, asked] = Object.entries(RequestItems)[0]!
  const { Keys } = asked
  const half = halve ? Math.ceil(Keys.length / 2) : 0
  const some = (keys: readonly unknown[]) =>
    keys.length > 0 ? { [table]: { ...asked, Keys: keys } } : {}
  return {
    now: half > 0 ? { RequestItems: some(Keys.slice(0, half)) } : undefined,
    later: some(Keys.slice(half)),
  }
}
