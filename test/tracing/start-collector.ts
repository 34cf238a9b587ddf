/** Takes spans as any collector of OpenTelemetry does: OTLP over HTTP, in JSON. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

export interface CollectedSpan {
  readonly service: string
  readonly name: string
  readonly kind: number
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly attributes: Readonly<Record<string, string | number | boolean>>
  /** 2 is an error. */
  readonly status: number
}

export interface Collector {
  readonly url: string
  readonly spans: readonly CollectedSpan[]
  /** All that came, as it came. */
  readonly text: string
  forget(): void
  close(): Promise<void>
}

interface WireAttribute {
  readonly key: string
  readonly value: {
    readonly stringValue?: string
    readonly intValue?: number
    readonly boolValue?: boolean
  }
}

interface WireTraces {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly WireAttribute[] }
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<CollectedSpan, 'service' | 'attributes' | 'status'> & {
        readonly attributes: readonly WireAttribute[]
        readonly status?: { readonly code?: number }
      })[]
    }[]
  }[]
}

export async function startCollector(): Promise<Collector> {
  const spans: CollectedSpan[] = []
  let text = ''
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const bytes = Buffer.concat(await Array.fromAsync<Buffer>(incoming))
      const isZipped = incoming.headers['content-encoding'] === 'gzip'
      const body = (isZipped ? gunzipSync(bytes) : bytes).toString()
      const known = incoming.url === '/v1/traces' && incoming.method === 'POST'
      if (known) {
        text += body
        spans.push(...spansIn(JSON.parse(body) as WireTraces))
      }
      outgoing.writeHead(known ? 200 : 404, { 'content-type': 'application/json' }).end('{}')
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    get text() {
      return text
    },
    forget: () => {
      spans.splice(0)
      text = ''
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const spansIn = ({ resourceSpans }: WireTraces): CollectedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(valuesOf(resource.attributes)['service.name'])
    return scopeSpans.flatMap(({ spans }) =>
      spans.map(({ attributes, status, parentSpanId, name, kind, traceId, spanId }) => ({
        service,
        name,
        kind,
        traceId,
        spanId,
        parentSpanId,
        attributes: valuesOf(attributes),
        status: status?.code ?? 0,
      })),
    )
  })

const valuesOf = (attributes: readonly WireAttribute[]): CollectedSpan['attributes'] =>
  Object.fromEntries(
    attributes.map(({ key, value }) => {
      const { stringValue, intValue, boolValue } = value
      return [key, stringValue ?? intValue ?? boolValue ?? '']
    }),
  )
