/** The door to Lambda: the app behind an HTTP API, one event at a time. */
import { kept } from '@sluice/adapters/aws/kept'
import type { LogFields } from '@sluice/core/ports/log'
import type { DoorBindings } from '@sluice/http/door-bindings'
import { comesThroughOrigin, ORIGIN_SECRET_HEADER } from '@sluice/http/origin-secret'
import type { RequestMeter } from '@sluice/http/request-meter'
import { RequestLog, type RequestLogOptions } from '@sluice/http/request-log'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { callerAddress } from './caller-address.ts'
import { eventSize } from './event-size.ts'
import { requestOf } from './http-api-event.ts'
import { resultOf, ResultTooLargeError } from './http-api-result.ts'
import { refusal } from './refusal.ts'

export interface LambdaApp {
  fetch(request: Request, bindings: DoorBindings): Response | Promise<Response>
}

export interface LambdaDoorSettings {
  /** What the edge adds to each request; with it, nobody else is served, and the edge is believed whom it saw. */
  readonly originSecret: string | undefined
  readonly onFailure: (thrown: unknown, request: LogFields) => void
  /** Of all requests. */
  readonly requests?: RequestLogOptions
  readonly meter?: RequestMeter
}

export type HttpApiHandler = (
  event: APIGatewayProxyEventV2,
) => Promise<APIGatewayProxyStructuredResultV2>

/**
 * Opens the app at the first request and keeps it; after a failure to open, the next request tries again. Answers every
 * HTTP event, whatever fails: an error that reaches Lambda would reach clients in no form that they know. Throws only
 * when the event is none of an HTTP API in payload version 2.0.
 */
export function lambdaDoor(
  openApp: () => Promise<LambdaApp>,
  { originSecret, onFailure, requests, meter }: LambdaDoorSettings,
): HttpApiHandler {
  const app = kept(openApp)

  const answer = async (
    event: APIGatewayProxyEventV2,
  ): Promise<APIGatewayProxyStructuredResultV2> => {
    const behindEdge = originSecret !== undefined
    if (behindEdge && !comesThroughOrigin(originSecret, event.headers[ORIGIN_SECRET_HEADER])) {
      return refusal(403, 'DENIED', 'use the public host name')
    }
    const asked = readable(event, callerAddress(event, behindEdge))
    if (!asked) {
      return refusal(400, 'REQUEST_INVALID', 'the method or a header is none of HTTP')
    }
    const log = requests && new RequestLog(requests, asked.request, asked.bindings)
    const response = await (
      await app()
    ).fetch(asked.request, log ? { ...asked.bindings, log } : asked.bindings)
    const result = await resultOf(response)
    log?.end(response, bodyBytes(result))
    return result
  }

  const anyAnswer: HttpApiHandler = async (event) => {
    try {
      return await answer(event)
    } catch (thrown) {
      const { method } = event.requestContext.http
      onFailure(thrown, { 'http.request.method': method, 'http.request.uri': event.rawPath })
      return thrown instanceof ResultTooLargeError
        ? refusal(500, 'UNKNOWN', thrown.message)
        : refusal(500, 'UNKNOWN', 'the registry failed; its log says why')
    }
  }

  return async (event) => {
    if (event.version !== '2.0' || !event.requestContext?.http) {
      throw new TypeError('not an event of an HTTP API in payload version 2.0')
    }
    const { method } = event.requestContext.http
    const measured = meter?.begin(method, event.rawPath, eventSize(event))
    const result = await anyAnswer(event)
    // The gateway measures what is answered to HEAD, and drops it.
    measured?.end(result.statusCode ?? 200, method === 'HEAD' ? 0 : bodyBytes(result))
    return result
  }
}

const bodyBytes = ({ body = '', isBase64Encoded }: APIGatewayProxyStructuredResultV2): number =>
  Buffer.byteLength(body, isBase64Encoded ? 'base64' : 'utf8')

function readable(event: APIGatewayProxyEventV2, remoteAddress: string) {
  try {
    return requestOf(event, remoteAddress)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}
