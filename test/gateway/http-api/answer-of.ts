/** What a function returned as the answer that an HTTP API makes of it, payload version 2.0. */
import type { GatewayAnswer } from '../gateway-answer.ts'
import type { GatewayRules } from '../gateway-rules.ts'

/** What never has a body, whatever the function says. */
const BODYLESS = new Set([204, 304])

interface Result {
  readonly statusCode: number
  readonly headers?: Readonly<Record<string, string | number | boolean>>
  readonly body?: string
  readonly isBase64Encoded?: boolean
}

/** Anything without `statusCode` is taken for the JSON of a 200. */
export function answerOf(
  result: unknown,
  method: string,
  rules: GatewayRules,
  challenge: string,
): GatewayAnswer {
  const { statusCode, headers: given = {}, body: text = '', isBase64Encoded } = structured(result)
  const whole = Buffer.from(text, isBase64Encoded ? 'base64' : 'utf8')
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(given)) headers[name.toLowerCase()] = String(value)
  for (const name of rules.reservedHeaders) delete headers[name]
  if (rules.defaultContentType !== '' && !BODYLESS.has(statusCode)) {
    headers['content-type'] ??= rules.defaultContentType
  }
  challengeBy(rules, statusCode, headers, challenge)
  const body = BODYLESS.has(statusCode) ? Buffer.alloc(0) : whole
  const said = headers['content-length']
  headers['content-length'] = String(body.byteLength)
  if (method !== 'HEAD') return { status: statusCode, headers, body }
  if (rules.headLength === 'kept' && said !== undefined) headers['content-length'] = said
  return { status: statusCode, headers, body: Buffer.alloc(0) }
}

function structured(result: unknown): Result {
  if (typeof result === 'object' && result !== null && 'statusCode' in result)
    return result as Result
  const headers = { 'content-type': 'application/json' }
  return {
    statusCode: 200,
    headers,
    body: typeof result === 'string' ? result : JSON.stringify(result),
  }
}

function challengeBy(
  rules: GatewayRules,
  status: number,
  headers: Record<string, string>,
  challenge: string,
): void {
  const said = headers['www-authenticate']
  if (rules.wwwAuthenticate === 'mapped' && status === 401) headers['www-authenticate'] = challenge
  if (rules.wwwAuthenticate !== 'renamed' || said === undefined) return
  delete headers['www-authenticate']
  headers['x-amzn-remapped-www-authenticate'] = said
}
