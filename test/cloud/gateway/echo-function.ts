/** A function that tells what it was asked, or does what the header `x-do` tells it. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'

export interface Order {
  /** Milliseconds before anything else. */
  readonly sleep?: number
  readonly exit?: number
  readonly throw?: string
  /** Instead of the echo. */
  readonly result?: unknown
  /** As many, of text. */
  readonly bytes?: number
  /** Megabytes of objects that stay. */
  readonly heap?: number
}

export interface Echo {
  readonly event: APIGatewayProxyEventV2
  readonly pid: number
  /** Invocations of this environment so far. */
  readonly calls: number
  /** Hundredths of a second that its timers saw. */
  readonly ticks: number
  readonly env: Readonly<Record<string, string | undefined>>
}

const kept: number[][] = []
let calls = 0
let ticks = 0
setInterval(() => (ticks += 1), 10).unref()

export async function handler(event: APIGatewayProxyEventV2): Promise<unknown> {
  calls += 1
  const order = JSON.parse(event.headers['x-do'] ?? '{}') as Order
  if (order.sleep !== undefined) await sleep(order.sleep)
  if (order.exit !== undefined) process.exit(order.exit)
  for (let mb = 0; mb < (order.heap ?? 0); mb++)
    kept.push(Array.from({ length: 131_072 }, () => mb))
  if (order.throw !== undefined) throw new Error(order.throw)
  if (order.result !== undefined) return order.result
  const echo: Echo = { event, pid: process.pid, calls, ticks, env: process.env }
  const body = order.bytes === undefined ? JSON.stringify(echo) : 'a'.repeat(order.bytes)
  return { statusCode: 200, headers: { 'content-type': 'application/json' }, body }
}
