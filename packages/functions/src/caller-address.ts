import type { APIGatewayProxyEventV2 } from 'aws-lambda'

/**
 * Who asks, for rate limits. Behind the edge the gateway sees the edge's address, and the edge says whom it saw, as
 * `address:port`, with no brackets around IPv6.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/adding-cloudfront-headers.html
 */
export function callerAddress(event: APIGatewayProxyEventV2, behindEdge: boolean): string {
  const seen = behindEdge ? event.headers['cloudfront-viewer-address'] : undefined
  const address = seen === undefined ? '' : seen.slice(0, Math.max(0, seen.lastIndexOf(':')))
  return address === '' ? event.requestContext.http.sourceIp : address.replace(/^\[|\]$/g, '')
}
