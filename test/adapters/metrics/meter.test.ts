import { Meter, MOST_SERIES } from '@sluice/adapters/metrics/meter'
import { SLOT_MS, type Readings } from '@sluice/adapters/metrics/readings'
import { writeExposition } from '@sluice/adapters/metrics/write-exposition'
import { describe, expect, it } from 'vitest'

const at = { ms: 1_000 * SLOT_MS }
const clock = { now: () => at.ms }

const REQUESTS = 'imageregistry_http_requests_total'
const DURATION = 'imageregistry_request_duration_seconds'
const ROW = [[], 1] as const
const GET = { code: '200', method: 'get' }

/** As between processes: by JSON. */
const sent = (readings: Readings): Readings => JSON.parse(JSON.stringify(readings)) as Readings

const linesOf = (meter: Meter, name: string): string[] =>
  writeExposition(meter, false)
    .split('\n')
    .filter((line) => line.startsWith(name))

const p50 = (meter: Meter): string =>
  linesOf(meter, DURATION)
    .find((line) => line.includes('quantile="0.5"'))!
    .split(' ')
    .at(-1)!

describe('a meter', () => {
  it('hands each thing on once, and children stay good', () => {
    const meter = new Meter(clock)
    const gets = meter.counter(REQUESTS, GET)
    expect(meter.counter(REQUESTS, GET)).toBe(gets)
    gets.add(2)
    expect(meter.take().families).toEqual({ [REQUESTS]: [[['200', 'get'], 2]] })
    expect(meter.take().families).toEqual({})
    gets.add(3)
    expect(meter.take().families).toEqual({ [REQUESTS]: [[['200', 'get'], 3]] })
  })

  it('tells of a child that nothing was counted of, once', () => {
    const meter = new Meter(clock)
    meter.counter('imageregistry_digest_cache_requests_total', { type: 'Hit' })
    const whole = new Meter(clock)
    whole.fold(sent(meter.take()))
    expect(meter.take().families).toEqual({})
    expect(linesOf(whole, 'imageregistry')).toEqual([
      'imageregistry_digest_cache_requests_total{type="Hit"} 0',
    ])
  })

  it('adds up what several counted, and is itself again from its snapshot', () => {
    const whole = new Meter(clock)
    for (const count of [1, 2, 3]) {
      const part = new Meter(clock)
      part.counter(REQUESTS, GET).add(count)
      part.summary(DURATION, { operation: 'BlobStore.Stat' }).observe(count / 2)
      whole.fold(sent(part.take()))
    }
    const again = new Meter(clock)
    again.fold(sent(whole.snapshot()))
    expect(writeExposition(again, false)).toBe(writeExposition(whole, false))
    expect(linesOf(again, DURATION)).toEqual([
      `${DURATION}{operation="BlobStore.Stat",quantile="0.5"} 1`,
      `${DURATION}{operation="BlobStore.Stat",quantile="0.9"} 1.5`,
      `${DURATION}{operation="BlobStore.Stat",quantile="0.99"} 1.5`,
      `${DURATION}_sum{operation="BlobStore.Stat"} 3`,
      `${DURATION}_count{operation="BlobStore.Stat"} 3`,
    ])
    expect(linesOf(again, REQUESTS)).toEqual([`${REQUESTS}{code="200",method="get"} 6`])
  })

  it('sums a gauge that is of each process, also when it falls', () => {
    const [meter, whole] = [new Meter(clock), new Meter(clock)]
    const gauge = meter.gauge('imageregistry_http_in_flight_requests', {})
    const now = (): string[] => {
      whole.fold(sent(meter.take()))
      return linesOf(whole, 'imageregistry_http_in_flight_requests')
    }
    whole.gauge('imageregistry_http_in_flight_requests', {}).add(1)
    gauge.add(5)
    expect(now()).toEqual(['imageregistry_http_in_flight_requests 6'])
    gauge.add(-3)
    expect(now()).toEqual(['imageregistry_http_in_flight_requests 3'])
    gauge.set(1)
    expect(now()).toEqual(['imageregistry_http_in_flight_requests 2'])
    expect(meter.take().families).toEqual({})
  })

  it('keeps the last word on a gauge that is one for all, whatever comes late', () => {
    const [early, late, whole] = [new Meter(clock), new Meter(clock), new Meter(clock)]
    early.gauge('sluice_upstream_quota_remaining', { upstream: 'docker.io' }).set(76)
    at.ms += 1000
    const quota = late.gauge('sluice_upstream_quota_remaining', { upstream: 'docker.io' })
    quota.set(0)
    whole.fold(sent(late.take()))
    whole.fold(sent(early.take()))
    expect(linesOf(whole, 'sluice_')).toEqual([
      'sluice_upstream_quota_remaining{upstream="docker.io"} 0',
    ])
    quota.set(0)
    expect(late.take().families).toEqual({
      sluice_upstream_quota_remaining: [[['docker.io'], 0, at.ms]],
    })
    expect(late.take().families).toEqual({})
  })

  it('forgets what was seen ten minutes ago in quantiles, and not in sum and count', () => {
    const meter = new Meter(clock)
    const summary = meter.summary(DURATION, { operation: 'BlobStore.Get' })
    expect(p50(meter)).toBe('NaN')
    for (let count = 0; count < 99; count++) summary.observe(1)
    at.ms += SLOT_MS
    summary.observe(5)
    expect(p50(meter)).toBe('1')
    at.ms += 3 * SLOT_MS
    expect(p50(meter)).toBe('1')
    at.ms += SLOT_MS
    expect(p50(meter)).toBe('5')
    at.ms += SLOT_MS
    expect(p50(meter)).toBe('NaN')
    expect(linesOf(meter, `${DURATION}_`).map((line) => line.split(' ')[1])).toEqual(['104', '100'])
  })

  it('puts what comes late where it belongs', () => {
    const [function_, whole] = [new Meter(clock), new Meter(clock)]
    const summary = function_.summary(DURATION, { operation: 'BlobStore.Get' })
    summary.observe(1)
    const late = sent(function_.take())
    at.ms += 4 * SLOT_MS
    whole.fold(late)
    expect(p50(whole)).toBe('1')
    at.ms += SLOT_MS
    whole.fold(late)
    expect(p50(whole)).toBe('NaN')
    expect(linesOf(whole, `${DURATION}_count`)).toEqual([
      `${DURATION}_count{operation="BlobStore.Get"} 2`,
    ])
  })

  it('counts what is no number not at all, and nothing of another version or an unknown family', () => {
    const meter = new Meter(clock)
    const summary = meter.summary(DURATION, { operation: 'BlobStore.Get' })
    for (const value of [NaN, Infinity, -Infinity]) summary.observe(value)
    const readings = meter.take()
    expect(readings.families[DURATION]).toEqual([[['BlobStore.Get'], 0, 0, []]])
    meter.fold({ ...readings, version: 2 })
    meter.fold({ version: 1, families: { some_total: [ROW], toString: [ROW] } })
    expect(meter.take().families).toEqual({})
  })

  it('takes no more children than a scraper can bear', () => {
    const meter = new Meter(clock)
    for (let count = 0; count < MOST_SERIES + 5; count++) {
      meter.counter('sluice_pulls_total', { project: `p${count}` }).add(1)
    }
    expect(linesOf(meter, 'sluice_pulls_total')).toHaveLength(MOST_SERIES + 1)
    expect(linesOf(meter, 'sluice_pulls_total{project="other"}')).toEqual([
      'sluice_pulls_total{project="other"} 5',
    ])
  })
})
