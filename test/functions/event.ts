import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { gatewayRules, type GatewayRules } from '../gateway/gateway-rules.ts'
import { eventOf } from '../gateway/http-api/event-of.ts'

/** What an HTTP API makes of a request; headers by names in lower case. */
export function event(
  request: {
    readonly method?: string
    readonly target?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: Buffer
  } = {},
  rules: Partial<GatewayRules> = {},
): APIGatewayProxyEventV2 {
  const { method = 'GET', target = '/', headers = {}, body = Buffer.alloc(0) } = request
  const named = Object.entries(headers).map(([name, value]) => [name, [value]])
  return eventOf(
    {
      method,
      target,
      headers: Object.fromEntries(named) as Record<string, string[]>,
      body,
      sourceIp: '192.0.2.7',
    },
    gatewayRules(rules),
  )
}
