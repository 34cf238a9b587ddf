/** What a collector gets of a push and a pull, whichever engine answers them. */
import { randomBytes } from 'node:crypto'
import { digestOf } from '@sluice/core/digest'
import { OCI_MANIFEST } from '@sluice/core/media-type'
import { expect, vi } from 'vitest'
import { basic } from '../http/served-registry.ts'
import { describeBytes, manifestBytes, plain } from '../http/push.ts'
import type { RegistryUnderTest } from '../registry-under-test.ts'
import type { CollectedSpan, Collector } from './start-collector.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const CALLER = '00f067aa0ba902b7'

const SERVER = 2
const CLIENT = 3

export async function expectSpans(registry: RegistryUnderTest, collector: Collector) {
  const headers = { authorization: basic(registry.user, registry.password), 'user-agent': 'tracer' }
  const base = `${registry.url}/v2/default/traced`
  const bytes = randomBytes(40)
  const digest = digestOf('sha256', bytes)
  const upload = `${base}/blobs/uploads/?digest=${digest}`
  expect((await fetch(upload, { method: 'POST', headers, body: bytes })).status).toBe(201)
  const config = plain(describeBytes(bytes))
  const body = manifestBytes({ mediaType: OCI_MANIFEST, config, layers: [] })
  const put = await fetch(`${base}/manifests/v1`, {
    method: 'PUT',
    headers: { ...headers, 'content-type': OCI_MANIFEST },
    body,
  })
  expect(put.status).toBe(201)
  const traceparent = `00-${TRACE}-${CALLER}-01`
  const pull = await fetch(`${base}/manifests/v1?secret=hunter2`, {
    headers: { ...headers, traceparent },
  })
  expect([pull.status, Buffer.from(await pull.arrayBuffer()).equals(body)]).toEqual([200, true])

  const of = (name: string): CollectedSpan | undefined =>
    collector.spans.find((span) => span.name === name && span.traceId === TRACE)
  const name = 'GET /v2/{name}/manifests/{reference}'
  await vi.waitFor(() => expect(of(name)).toBeDefined(), { timeout: 30_000 })
  const span = of(name)
  expect(span).toMatchObject({
    service: 'registry-under-test',
    kind: SERVER,
    parentSpanId: CALLER,
    status: 0,
    attributes: {
      'http.request.method': 'GET',
      'http.route': '/v2/{name}/manifests/{reference}',
      'http.response.status_code': 200,
      'url.path': '/v2/default/traced/manifests/v1',
      'url.scheme': 'http',
      'user_agent.original': 'tracer',
      'client.address': '127.0.0.1',
    },
  })
  const children = collector.spans.filter(({ parentSpanId }) => parentSpanId === span?.spanId)
  expect(children.map((child) => [child.name, child.kind])).toEqual(
    expect.arrayContaining([['Table.get', CLIENT]]),
  )
  // What is not frozen sends them in batches.
  await vi.waitFor(
    () =>
      expect(collector.spans.map((one) => one.name)).toEqual(
        expect.arrayContaining([
          'POST /v2/{name}/blobs/uploads/',
          'PUT /v2/{name}/manifests/{reference}',
          'Table.transact',
        ]),
      ),
    { timeout: 30_000 },
  )
  expect(collector.text).not.toMatch(/Basic |digest=|hunter2/)
  expect(collector.text).not.toContain(registry.password)
}
