/** What CloudFront sends to an origin for a viewer's request. */
import type { Socket } from 'node:net'
import { API_DOMAIN } from '../http-api/event-of.ts'
import type { Headers } from '../gateway-request.ts'
import type { GatewayRules } from '../gateway-rules.ts'

/** Where the edge connects from. */
export const EDGE_ADDRESS = '130.176.0.1'

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html */
const REMOVED = ['connection', 'keep-alive', 'proxy-connection', 'upgrade', 'te', 'expect']

export function originHeaders(
  headers: Headers,
  viewer: Socket,
  rules: GatewayRules,
  originSecret: string | undefined,
): Headers {
  const address = viewer.remoteAddress ?? ''
  const sent: Record<string, readonly string[]> = {
    ...headers,
    via: [[...(headers['via'] ?? []), '1.1 edge.cloudfront.net (CloudFront)'].join(', ')],
    'x-forwarded-for': [[...(headers['x-forwarded-for'] ?? []), address].join(', ')],
    'x-amz-cf-id': ['request'],
    ...(originSecret !== undefined && { 'x-sluice-origin': [originSecret] }),
    ...(!rules.forwardsHost && { host: [API_DOMAIN] }),
  }
  for (const name of REMOVED) delete sent[name]
  return sent
}
