import { VIEWER_HEADER } from '@sluice/http/origin-secret'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'

/** Who asks, for rate limits. Behind the edge the gateway sees the edge's address, and the edge says whom it saw. */
export const callerAddress = (event: APIGatewayProxyEventV2, behindEdge: boolean): string =>
  (behindEdge && event.headers[VIEWER_HEADER]) || event.requestContext.http.sourceIp
