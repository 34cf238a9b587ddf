/** A CloudFront Function (viewer request), run as CloudFront would: no network, no Node, one event. */
import { createContext, runInContext } from 'node:vm'
import type { GatewayAnswer } from '../gateway-answer.ts'
import type { Headers } from '../gateway-request.ts'

interface Field {
  readonly value: string
  readonly multiValue?: readonly { readonly value: string }[]
}

interface FunctionResponse {
  readonly statusCode: number
  readonly headers?: Readonly<Record<string, Field>>
  readonly body?: string | { readonly encoding: 'text' | 'base64'; readonly data: string }
}

export interface ViewerRequest {
  readonly method: string
  readonly target: string
  readonly headers: Headers
  readonly ip: string
}

/** Runs for a few milliseconds at most. */
const TIMEOUT_MS = 2000

/** An answer, or the headers with which the request goes on. */
export type EdgeFunction = (
  request: ViewerRequest,
) => Promise<{ readonly answer: GatewayAnswer } | { readonly headers: Headers }>

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html */
export function edgeFunction(code: string): EdgeFunction {
  const context = createContext({}, { codeGeneration: { strings: false, wasm: false } })
  const handler = runInContext(`${code};handler`, context, { timeout: TIMEOUT_MS }) as (
    event: object,
  ) => unknown
  return async ({ method, target, headers, ip }) => {
    const [uri = '', query = ''] = target.split('?', 2)
    const returned = await handler({
      version: '1.0',
      context: { distributionId: 'E1', eventType: 'viewer-request', requestId: 'r' },
      viewer: { ip },
      request: {
        method,
        uri,
        querystring: Object.fromEntries(
          [...new URLSearchParams(query)].map(([name, value]) => [name, { value }]),
        ),
        headers: Object.fromEntries(
          Object.entries(headers).map(([name, values]) => [name, field(values)]),
        ),
        cookies: {},
      },
    })
    return isResponse(returned)
      ? { answer: answerOf(returned, method) }
      : { headers: headersOf(returned as FunctionRequest) }
  }
}

const field = (values: readonly string[]): Field => ({
  value: values[0] ?? '',
  ...(values.length > 1 && { multiValue: values.map((value) => ({ value })) }),
})

interface FunctionRequest {
  readonly headers: Readonly<Record<string, Field>>
}

const headersOf = ({ headers }: FunctionRequest): Headers =>
  Object.fromEntries(
    Object.entries(headers).map(([name, { value, multiValue }]) => [
      name,
      multiValue?.map((one) => one.value) ?? [value],
    ]),
  )

const isResponse = (returned: unknown): returned is FunctionResponse =>
  typeof returned === 'object' && returned !== null && 'statusCode' in returned

function answerOf({ statusCode, headers = {}, body }: FunctionResponse, method: string) {
  const { encoding, data } =
    typeof body === 'object' ? body : { encoding: 'text' as const, data: body ?? '' }
  const bytes = Buffer.from(data, encoding === 'base64' ? 'base64' : 'utf8')
  const named = Object.entries(headers).map(([name, { value }]) => [name, value])
  return {
    status: statusCode,
    headers: { ...Object.fromEntries(named), 'content-length': String(bytes.byteLength) },
    body: method === 'HEAD' ? Buffer.alloc(0) : bytes,
  }
}
