/** A real server and a real collector; and without a collector nothing of OpenTelemetry is even loaded. */
import { expect, describe, it, onTestFinished } from 'vitest'
import { basic } from '../http/served-registry.ts'
import { startScriptedUpstream } from '../upstream/start-scripted-upstream.ts'
import { makeImage, putImage } from '../upstream/upstream-content.ts'
import { startSluice, type StartOptions } from '../running-sluice.ts'
import { expectSpans } from '../tracing/expect-spans.ts'
import { startCollector } from '../tracing/start-collector.ts'

/** Says in the log what is loaded of OpenTelemetry, by whichever thread. */
const TELLTALE = `--import=data:text/javascript,${encodeURIComponent(
  "import{registerHooks}from'node:module';registerHooks({load(u,c,n){if(u.includes('opentelemetry'))process._rawDebug('LOADED',u);return n(u,c)}})",
)}`

const startTraced = (env: StartOptions['env'], threads = '2') =>
  startSluice({
    env: {
      NODE_OPTIONS: TELLTALE,
      SLUICE_THREADS: threads,
      OTEL_SERVICE_NAME: 'registry-under-test',
      ...env,
    },
  })

describe('traces of a server', () => {
  it('go to the collector that the environment names, those of requests under way at its end as well', async () => {
    const collector = await startCollector()
    onTestFinished(() => collector.close())
    const server = await startTraced({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
    try {
      await expectSpans(server, collector)
      collector.forget()
      for (const path of ['/v2/', '/extensions/v2/metrics'])
        expect((await fetch(server.url + path)).status).toBe(401)
    } finally {
      await server.stop()
    }
    const told = collector.spans.map(({ name, attributes }) => [name, attributes])
    const refused = expect.objectContaining({ 'http.response.status_code': 401 }) as unknown
    for (const name of ['GET /v2/', 'GET /extensions/v2/metrics'])
      expect(told).toContainEqual([name, refused])
    expect(server.log()).toContain('LOADED')
  })

  it('hold what was asked of an upstream, which hears of no trace', async () => {
    const [collector, upstream] = await Promise.all([startCollector(), startScriptedUpstream()])
    onTestFinished(() => collector.close())
    onTestFinished(() => upstream.close())
    await putImage(upstream.content, 'org/app', 'v1', makeImage([]))
    const server = await startTraced({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, '1')
    const headers = {
      authorization: basic(server.user, server.password),
      'content-type': 'application/json',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      tracestate: 'a=b',
    }
    const made = await fetch(`${server.url}/apis/sluice.dev/v1/upstreams`, {
      method: 'POST',
      headers,
      body: JSON.stringify({
        apiVersion: 'sluice.dev/v1',
        kind: 'Upstream',
        metadata: { name: 'scripted.test' },
        spec: { urls: [upstream.url], insecure: true, privateAddresses: true },
      }),
    })
    expect(made.status).toBe(201)
    const path = '/v2/scripted.test/org/app/manifests/v1'
    expect((await fetch(server.url + path, { headers })).status).toBe(200)
    await server.stop()
    const asked = collector.spans.filter(({ name }) => name.startsWith('Upstream.'))
    expect(asked.length).toBeGreaterThan(0)
    for (const { attributes } of asked) {
      expect(attributes).toEqual({ 'sluice.upstream': 'scripted.test' })
    }
    expect(upstream.requests.length).toBeGreaterThan(0)
    for (const { headers: heard } of upstream.requests) {
      expect(Object.keys(heard)).not.toContain('traceparent')
      expect(Object.keys(heard)).not.toContain('tracestate')
    }
  })

  it('follow the sampler', async () => {
    const collector = await startCollector()
    onTestFinished(() => collector.close())
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_SAMPLER: 'always_off' }
    const server = await startTraced(env, '1')
    expect((await fetch(`${server.url}/v2/`)).status).toBe(401)
    await server.stop()
    expect(collector.spans).toEqual([])
  })

  it('keep a server whose collector is not there from nothing', async () => {
    const server = await startTraced(
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_TRACES_SAMPLER: 'some' },
      '1',
    )
    expect((await fetch(`${server.url}/v2/`)).status).toBe(401)
    await server.stop()
    expect(server.log()).toContain('OTEL_TRACES_SAMPLER is none')
  })

  it.each([
    ['nobody asks for them', {}],
    [
      'they are switched off',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x', OTEL_SDK_DISABLED: 'true' },
    ],
    [
      'there is no exporter',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x', OTEL_TRACES_EXPORTER: 'none' },
    ],
  ])('load nothing where %s', async (_, env) => {
    const server = await startTraced(env)
    expect((await fetch(`${server.url}/v2/`)).status).toBe(401)
    await server.stop()
    expect(server.log()).not.toContain('LOADED')
  })
})
