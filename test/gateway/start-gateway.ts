/** A local stand-in for CloudFront, an HTTP API and Lambda, as unkind as they are. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { challengeHeader, type Challenge } from '../../infra/edge/challenge.ts'
import { viewerRequestCode } from '../../infra/edge/viewer-request.ts'
import { edgeFunction } from './edge/edge-function.ts'
import { forwardStream } from './edge/forward-stream.ts'
import { EDGE_ADDRESS, originHeaders } from './edge/origin-headers.ts'
import { matchesPattern, UPLOAD_PATTERN } from './edge/path-pattern.ts'
import { readAtMost } from './edge/read-at-most.ts'
import type { GatewayAnswer } from './gateway-answer.ts'
import type { Headers } from './gateway-request.ts'
import { gatewayRules, type GatewayRules } from './gateway-rules.ts'
import { askHttpApi } from './http-api/http-api.ts'
import { METRICS_ROUTE } from './metrics-route.ts'
import { startFunction, type OnLine, type RunningFunction } from './lambda/start-function.ts'

/** CloudFront takes heads of 20,480 bytes. */
const MAX_VIEWER_HEAD_BYTES = 20_480

export type { GatewayRules } from './gateway-rules.ts'

export interface GatewayOptions {
  /** The bundle of the api function, which exports `handler`. */
  readonly file: string
  /** The function's environment; with the gateway's URL where the function must know it. */
  readonly env: Readonly<Record<string, string>>
  /** To listen on; 127.0.0.1 unless told otherwise. */
  readonly address?: string
  /** A free one, unless the function's settings must name it before. */
  readonly port?: number
  /** Where uploads go (`UPLOAD_PATTERN`); without one, to the function. */
  readonly uploadDoorUrl?: string
  /** What CloudFront adds as `x-sluice-origin`; `SLUICE_ORIGIN_SECRET` of `env` unless told otherwise. */
  readonly originSecret?: string
  /** Of the edge; the gateway's own `/token` unless told otherwise. */
  readonly challenge?: Challenge
  readonly rules?: Partial<GatewayRules>
  /** Answers the metrics; without it, the function does as it does all else. */
  readonly exporter?: RunningFunction | undefined
  readonly onLine?: OnLine | undefined
}

export interface Gateway extends Omit<RunningFunction, 'close'> {
  /** `http://address:port`. */
  readonly url: string
  close(): Promise<void>
}

export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { uploadDoorUrl, exporter, address = '127.0.0.1' } = options
  const rules = gatewayRules(options.rules)
  const originSecret = options.originSecret ?? options.env['SLUICE_ORIGIN_SECRET']
  const server = createServer({ maxHeaderSize: MAX_VIEWER_HEAD_BYTES, requestTimeout: 0 })
  server.listen(options.port ?? 0, address)
  await once(server, 'listening')
  const url = `http://${address}:${(server.address() as AddressInfo).port}`
  const asked = options.challenge ?? { realm: `${url}/token`, service: 'sluice' }
  const challenge = challengeHeader(asked)
  const atEdge = edgeFunction(viewerRequestCode(asked))
  const lambda = await startFunction({ ...options, rules })

  /** The response-headers policy. */
  const answerHeaders = (headers: Readonly<Record<string, string>>): Record<string, string> =>
    rules.challengePolicy ? { 'www-authenticate': challenge, ...headers } : { ...headers }

  const fromApi = async (incoming: IncomingMessage, headers: Headers): Promise<GatewayAnswer> => {
    // One byte more than it takes is enough to refuse it.
    const body = await readAtMost(incoming, rules.maxBodyBytes + 1)
    const { method = '', url: target = '' } = incoming
    const route = exporter && target.split('?')[0] === METRICS_ROUTE ? exporter : lambda
    const invoke = (event: unknown) => route.invoke(event)
    return askHttpApi(
      { method, target, headers, body, sourceIp: EDGE_ADDRESS },
      { rules, challenge, invoke },
    )
  }

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const { method = '', url: target = '', socket } = incoming
    const viewed = plainHeaders(incoming)
    const ip = socket.remoteAddress ?? ''
    const seen = rules.edgeFunction
      ? await atEdge({ method, target, headers: viewed, ip })
      : { headers: viewed }
    const hasBody = Number(viewed['content-length'] ?? 0) > 0 || 'transfer-encoding' in viewed
    if ('answer' in seen) {
      send(seen.answer)
      return
    }
    const headers = originHeaders(seen.headers, socket, rules, originSecret)
    if (rules.refusesGetWithBody && method === 'GET' && hasBody) {
      send({ status: 403, headers: { 'content-length': '0' }, body: Buffer.alloc(0) })
    } else if (uploadDoorUrl !== undefined && matchesPattern(UPLOAD_PATTERN, target)) {
      const halfDuplex = rules.uploadHalfDuplex
      const origin = uploadDoorUrl
      await forwardStream(incoming, outgoing, { origin, headers, halfDuplex, answerHeaders })
    } else {
      send(await fromApi(incoming, headers))
    }

    function send(answer: GatewayAnswer): void {
      outgoing.writeHead(answer.status, answerHeaders(answer.headers))
      outgoing.end(answer.body)
      // A body that nobody wants is still to come off the socket.
      incoming.resume()
    }
  }

  server.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    serve(incoming, outgoing).catch(() => outgoing.destroy())
  })
  return {
    ...lambda,
    url,
    close: async () => {
      server.close()
      server.closeAllConnections()
      await lambda.close()
    },
  }
}

const plainHeaders = (incoming: IncomingMessage): Headers =>
  Object.fromEntries(
    Object.entries(incoming.headersDistinct).map(([name, values]) => [name, values ?? []]),
  )
