import { EmfLines } from '@sluice/adapters/aws/emf-lines'
import { Meter } from '@sluice/adapters/metrics/meter'
import { parseMeteredLine } from '@sluice/adapters/metrics/metered-line'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { settableClock } from '../../temporary-registry.ts'

interface Emf {
  readonly [property: string]: unknown
  readonly _aws: {
    readonly Timestamp: number
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string
      readonly Dimensions: readonly (readonly string[])[]
      readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[]
    }[]
  }
}

function open({ startsCold = false } = {}) {
  const clock = settableClock()
  const meter = new Meter(clock)
  const lines: string[] = []
  const emf = new EmfLines({
    meter,
    clock,
    namespace: 'sluice/test',
    door: 'api',
    startsCold,
    write: (line) => void lines.push(line),
  })
  const serve = (seconds: number, code = '200'): void => {
    const method = 'get'
    meter.counter('imageregistry_http_requests_total', { code, method }).add(1)
    meter.summary('imageregistry_http_request_duration_seconds', { method }).observe(seconds)
    meter.summary('imageregistry_http_request_size_bytes', {}).observe(100)
    meter.summary('imageregistry_http_response_size_bytes', {}).observe(2000)
  }
  return { clock, meter, lines, emf, serve, read: () => JSON.parse(lines.at(-1)!) as Emf }
}

describe('the lines for CloudWatch', () => {
  it('tell what happened by one dimension, and all that was counted beside it', () => {
    const { clock, emf, serve, lines, read } = open({ startsCold: true })
    serve(0.25)
    emf.write()
    const line = read()
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^\{.*\}\n$/)
    expect(line['_aws']).toEqual({
      Timestamp: clock.now(),
      CloudWatchMetrics: [
        {
          Namespace: 'sluice/test',
          Dimensions: [['service']],
          Metrics: [
            { Name: 'Requests', Unit: 'Count' },
            { Name: 'BytesIn', Unit: 'Bytes' },
            { Name: 'BytesOut', Unit: 'Bytes' },
            { Name: 'Latency', Unit: 'Milliseconds' },
            { Name: 'ColdStarts', Unit: 'Count' },
          ],
        },
      ],
    })
    expect(line).toMatchObject({
      service: 'api',
      Requests: 1,
      Latency: 250,
      BytesIn: 100,
      BytesOut: 2000,
      ColdStarts: 1,
    })
    expect(parseMeteredLine(lines[0]!)).toMatchObject({ sequence: 1, at: clock.now() })
  })

  it('make each reading JSON once, and are what the whole would be as JSON', () => {
    const { emf, meter, serve, lines, clock } = open({ startsCold: true })
    serve(0.25)
    meter.counter('sluice_pulls_total', { project: 'a "quoted" \\ näme \u2028' }).add(2)
    const whole = new Meter(clock)
    whole.fold(meter.snapshot())
    const stringify = vi.spyOn(JSON, 'stringify')
    onTestFinished(() => stringify.mockRestore())
    emf.write()
    const texts = stringify.mock.results.map(({ value }) => value as string)
    stringify.mockRestore()
    expect(texts.filter((text) => text.includes('sluice_pulls_total'))).toHaveLength(1)
    const line = lines[0]!
    expect(line).toBe(`${JSON.stringify(JSON.parse(line))}\n`)
    const { environment, sequence, readings, ...more } = (
      JSON.parse(line) as { meter: Record<string, unknown> }
    ).meter
    expect([environment, sequence, more]).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), 1, {}])
    expect(readings).toEqual(JSON.parse(JSON.stringify(whole.snapshot())))
  })

  it('are none while nothing was counted, and numbered without a gap', () => {
    const { emf, serve, lines } = open()
    emf.write()
    expect(lines).toEqual([])
    for (let at = 0; at < 3; at++) {
      serve(1)
      emf.write()
      emf.write()
    }
    const parsed = lines.map((line) => parseMeteredLine(line))
    expect(parsed.map((line) => line?.sequence)).toEqual([1, 2, 3])
    expect(new Set(parsed.map((line) => line?.environment)).size).toBe(1)
  })

  it('tell of a start in the cold once, also where nothing else was counted', () => {
    const { emf, read, lines } = open({ startsCold: true })
    emf.write()
    emf.write()
    expect(lines).toHaveLength(1)
    expect(read()['ColdStarts']).toBe(1)
  })

  it('tell errors by class', () => {
    const { emf, serve, read } = open()
    for (const code of ['200', '401', '401', '403', '404', '429', '500', '503']) serve(1, code)
    emf.write()
    expect(read()).toMatchObject({
      Requests: 8,
      Unauthorized: 2,
      ClientErrors: 2,
      Throttled: 1,
      ServerErrors: 2,
    })
  })

  it('tell of caches, upstreams and what is left of their quota', () => {
    const { emf, meter, read } = open()
    const about = { resource: 'manifest', upstream: 'docker.io' }
    meter.counter('sluice_cache_requests_total', { ...about, result: 'hit' }).add(3)
    meter.counter('sluice_cache_requests_total', { ...about, result: 'stale' }).add(1)
    meter.gauge('sluice_upstream_quota_remaining', { upstream: 'docker.io' }).set(76)
    meter.gauge('sluice_upstream_quota_remaining', { upstream: 'quay.io' }).set(12)
    const failed = { code: 'UNKNOWN', operation: 'ManifestService.Get', registry: 'quay.io' }
    meter.counter('imageregistry_pullthrough_repository_errors_total', failed).add(2)
    emf.write()
    expect(read()).toMatchObject({
      CacheHits: 3,
      CacheStale: 1,
      UpstreamErrors: 2,
      UpstreamQuotaRemaining: 12,
    })
    expect(read()).not.toHaveProperty('CacheMisses')
  })

  it('hold no more values of one metric than CloudWatch takes, with the same quantiles', () => {
    const { emf, serve, read, lines } = open()
    for (let at = 1; at <= 1000; at++) serve(at)
    emf.write()
    expect(lines).toHaveLength(1)
    const values = read()['Latency'] as number[]
    expect(values).toHaveLength(90)
    const middle = values.toSorted((a, b) => a - b)[44]!
    expect(Math.abs(middle - 500_000)).toBeLessThan(60_000)
    expect(read()['Requests']).toBe(1000)
  })

  it('are several where one would be larger than CloudWatch Logs takes', () => {
    const { emf, meter, lines } = open()
    for (let at = 0; at < 1900; at++) {
      const project = `project-${String(at).padStart(200, '0')}`
      meter.counter('sluice_pulls_total', { project }).add(1)
    }
    emf.write()
    expect(lines.length).toBeGreaterThan(1)
    const whole = new Meter({ now: () => Date.now() })
    for (const line of lines) {
      expect(line.length).toBeLessThan(256 * 1024)
      whole.fold(parseMeteredLine(line)!.readings)
    }
    expect(whole.series('sluice_pulls_total')).toHaveLength(1900)
  })

  it('leave out what would stand for ever once this environment is gone', () => {
    const { emf, meter, lines } = open()
    meter.gauge('imageregistry_http_in_flight_requests', {}).set(3)
    const build = { gitCommit: '', gitVersion: 'v1', major: '1', minor: '0' }
    meter.gauge('imageregistry_build_info', build).set(1)
    emf.write()
    expect(lines).toEqual([])
  })
})
