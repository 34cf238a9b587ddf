import type { APIGatewayProxyEventV2 } from 'aws-lambda'

const PROTOCOL = 'HTTP/1.1'

/** About as many bytes as the client sent: OpenShift's registry estimates them in the same way. */
export function eventSize({
  rawPath,
  rawQueryString,
  headers,
  requestContext,
}: APIGatewayProxyEventV2): number {
  const { method } = requestContext.http
  let size = rawPath.length + rawQueryString.length + method.length + PROTOCOL.length
  for (const [name, value = ''] of Object.entries(headers)) size += name.length + value.length
  return size + (Number(headers['content-length']) || 0)
}
