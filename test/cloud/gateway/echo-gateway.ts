/** A gateway before the echo function, for tests of one rule each. */
import { Agent } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { bundleFunction, type FunctionBundle } from '../../gateway/bundle-function.ts'
import { startGateway, type Gateway, type GatewayOptions } from '../../gateway/start-gateway.ts'
import { json, type Answer, type Question } from '../../http/answer.ts'
import { askOverASocket } from '../../http/ask-over-a-socket.ts'
import type { Echo, Order } from './echo-function.ts'

/** Shown, so that the edge lets the request pass. */
const AUTHORIZATION = 'Bearer token'

export interface EchoGateway extends Gateway {
  /** `as: 'nobody'` shows no token; `order` goes to the function. */
  ask(question: Partial<Question> & { readonly order?: Order }): Promise<Answer>
  /** What the function was given. */
  echo(question?: Partial<Question> & { readonly order?: Order }): Promise<Echo>
}

/** Call it within `describe`: what it opens is closed after the last test. */
export function echoGateways() {
  const agent = new Agent({ keepAlive: true })
  const opened: Gateway[] = []
  let bundle: FunctionBundle
  beforeAll(async () => {
    bundle = await bundleFunction(join(import.meta.dirname, 'echo-function.ts'))
  })
  afterAll(async () => {
    agent.destroy()
    await Promise.all(opened.map((gateway) => gateway.close()))
    await bundle.remove()
  })

  return async (
    rules: GatewayOptions['rules'] = {},
    options: Partial<GatewayOptions> = {},
  ): Promise<EchoGateway> => {
    const gateway = await startGateway({ file: bundle.file, env: {}, rules, ...options })
    opened.push(gateway)
    const overSocket = askOverASocket(gateway.url, agent)
    const ask: EchoGateway['ask'] = ({ as, order, path = '/v2/', headers, ...question }) =>
      overSocket({
        ...question,
        path,
        headers: {
          ...(as !== 'nobody' && { Authorization: AUTHORIZATION }),
          ...(order && { 'X-Do': JSON.stringify(order) }),
          ...headers,
        },
      })
    return {
      ...gateway,
      ask,
      echo: async (question = {}) => json(await ask(question)) as Echo,
    }
  }
}
