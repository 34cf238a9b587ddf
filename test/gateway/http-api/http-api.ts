/** The HTTP API: its limits, the event, the invocation, the answer. */
import { setTimeout as sleep } from 'node:timers/promises'
import { messageAnswer, type GatewayAnswer } from '../gateway-answer.ts'
import type { GatewayRequest } from '../gateway-request.ts'
import type { GatewayRules } from '../gateway-rules.ts'
import { answerOf } from './answer-of.ts'
import { eventOf } from './event-of.ts'
import { headBytes } from './head-bytes.ts'

/** How an invocation ended: Lambda's own words, as far as an HTTP API tells them apart. */
export type Outcome =
  | { readonly kind: 'result'; readonly result: unknown }
  | { readonly kind: 'throttled' | 'failed' | 'tooLarge' }

export type Invoke = (event: unknown) => Promise<Outcome>

export interface HttpApi {
  readonly rules: GatewayRules
  readonly invoke: Invoke
  /** What `mapped` writes over the challenge of a 401. */
  readonly challenge: string
}

export async function askHttpApi(
  request: GatewayRequest,
  { rules, invoke, challenge }: HttpApi,
): Promise<GatewayAnswer> {
  if (headBytes(request) > rules.maxHeadBytes) {
    return messageAnswer(rules.headTooLargeStatus, 'Request Header Fields Too Large')
  }
  if (request.body.byteLength > rules.maxBodyBytes) return tooLarge()
  const late = new AbortController()
  const outcome = await Promise.race([
    invoke(eventOf(request, rules)),
    sleep(rules.integrationTimeoutMs, undefined, { signal: late.signal }),
  ]).finally(() => late.abort())
  switch (outcome?.kind) {
    case 'result':
      return answerOf(outcome.result, request.method, rules, challenge)
    case 'throttled':
      return messageAnswer(rules.throttledStatus, THROTTLED[rules.throttledStatus])
    case 'tooLarge':
      return tooLarge()
    case 'failed':
      return messageAnswer(rules.failedStatus, 'Internal Server Error')
    case undefined:
      return messageAnswer(503, 'Service Unavailable')
  }
}

const tooLarge = (): GatewayAnswer => messageAnswer(413, 'Request Entity Too Large')

const THROTTLED = {
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const
