/** A request as the event that an HTTP API makes of it, payload version 2.0. */
import { randomUUID } from 'node:crypto'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import type { GatewayRequest } from '../gateway-request.ts'
import type { GatewayRules } from '../gateway-rules.ts'
import { eventBody } from './event-body.ts'
import { rawPath, rawQuery } from './raw-path.ts'

export const API_DOMAIN = 'a1b2c3d4e5.execute-api.us-east-1.amazonaws.com'

/** Never passed on: the connection's own, the framing that is over, and cookies, which have a field. */
const CONSUMED = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'cookie'])

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
export function eventOf(request: GatewayRequest, rules: GatewayRules): APIGatewayProxyEventV2 {
  const { method, sourceIp, target } = request
  const path = rawPath(target, rules)
  const query = rawQuery(target)
  const headers = joined(request, rules)
  const cookies = request.headers.cookie?.flatMap((line) => line.split(/; */))
  const now = new Date()
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    ...(cookies && { cookies }),
    headers,
    ...(query !== '' && { queryStringParameters: parameters(query) }),
    requestContext: {
      accountId: '123456789012',
      apiId: API_DOMAIN.split('.', 1)[0]!,
      domainName: API_DOMAIN,
      domainPrefix: API_DOMAIN.split('.', 1)[0]!,
      http: {
        method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      time: now.toUTCString(),
      timeEpoch: now.getTime(),
    },
    ...eventBody(headers['content-type'], request.body, rules),
  }
}

function joined({ headers, body, sourceIp }: GatewayRequest, rules: GatewayRules) {
  const passed: Record<string, string> = {}
  for (const [name, values] of Object.entries(headers)) {
    if (!CONSUMED.has(name)) passed[name] = values.join(',')
  }
  return {
    ...passed,
    'content-length': String(body.byteLength),
    ...(!rules.forwardsHost && { host: API_DOMAIN }),
    'x-amzn-trace-id': 'Root=1-65ba0000-000000000000000000000000',
    'x-forwarded-for': [...(headers['x-forwarded-for'] ?? []), sourceIp].join(', '),
    'x-forwarded-port': rules.forwardedProto === 'https' ? '443' : '80',
    'x-forwarded-proto': rules.forwardedProto,
  } as Record<string, string>
}

function parameters(query: string): Record<string, string> {
  const found = new URLSearchParams(query)
  return Object.fromEntries(
    [...new Set(found.keys())].map((name) => [name, found.getAll(name).join(',')]),
  )
}
