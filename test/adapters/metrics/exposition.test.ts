import { expose } from '@sluice/adapters/metrics/expose'
import { Meter } from '@sluice/adapters/metrics/meter'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'

const meter = new Meter({ now: () => 1_764_280_000_000 })
meter.counter('imageregistry_http_requests_total', { code: '404', method: 'get' }).add(2)
meter.counter('imageregistry_http_requests_total', { code: '200', method: 'put' }).add(1)
meter.summary('imageregistry_request_duration_seconds', { operation: 'TagService.Get' })
meter.gauge('imageregistry_http_in_flight_requests', {}).set(1)
meter
  .gauge('imageregistry_build_info', {
    gitCommit: 'a"b\\c\nd',
    gitVersion: 'v0.1.0',
    major: '0',
    minor: '1',
  })
  .set(1)

const TEXT = `# HELP imageregistry_build_info A metric with a constant '1' value labeled by major, minor, git commit & git version from which the image registry was built.
# TYPE imageregistry_build_info gauge
imageregistry_build_info{gitCommit="a\\"b\\\\c\\nd",gitVersion="v0.1.0",major="0",minor="1"} 1
# HELP imageregistry_http_in_flight_requests A gauge of requests currently being served by the registry.
# TYPE imageregistry_http_in_flight_requests gauge
imageregistry_http_in_flight_requests 1
# HELP imageregistry_http_requests_total A counter for requests to the registry.
# TYPE imageregistry_http_requests_total counter
imageregistry_http_requests_total{code="200",method="put"} 1
imageregistry_http_requests_total{code="404",method="get"} 2
# HELP imageregistry_request_duration_seconds Request latency in seconds for each operation.
# TYPE imageregistry_request_duration_seconds summary
imageregistry_request_duration_seconds{operation="TagService.Get",quantile="0.5"} NaN
imageregistry_request_duration_seconds{operation="TagService.Get",quantile="0.9"} NaN
imageregistry_request_duration_seconds{operation="TagService.Get",quantile="0.99"} NaN
imageregistry_request_duration_seconds_sum{operation="TagService.Get"} 0
imageregistry_request_duration_seconds_count{operation="TagService.Get"} 0
`

const PLAIN = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores'
const OPEN = 'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores'

describe('an exposition', () => {
  it('is text, in the order of names, without families that have no child', async () => {
    const { headers, body } = await expose(meter, {})
    expect(headers['Content-Type']).toBe(PLAIN)
    expect(body).toBe(TEXT)
  })

  it('is empty where nothing was counted', async () => {
    expect((await expose(new Meter({ now: () => 0 }), {})).body).toBe('')
  })

  it('is OpenMetrics for who asks, where a counter is called without its ending', async () => {
    const { headers, body } = await expose(meter, { accept: 'application/openmetrics-text' })
    expect(headers['Content-Type']).toBe(OPEN)
    expect(body).toBe(`${TEXT.replaceAll(/(?<=# (?:HELP|TYPE) \w+)_total/g, '')}# EOF\n`)
  })

  it.each([
    ['*/*', PLAIN],
    ['text/html', PLAIN],
    ['application/openmetrics-text;version=2.0.0', PLAIN],
    ['application/openmetrics-text;q=0,text/plain', PLAIN],
    // Prometheus 2.42's.
    [
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      OPEN,
    ],
    // Prometheus 3's.
    [
      'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.3,text/plain;version=0.0.4;q=0.2',
      'text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8',
    ],
    ['text/plain; version=0.0.4; escaping=dots', PLAIN.replace('underscores', 'dots')],
    ['text/plain; version="0.0.4"; escaping=x\r\ny', PLAIN],
  ])('to %s is %s', async (accept, contentType) => {
    expect((await expose(meter, { accept })).headers['Content-Type']).toBe(contentType)
  })

  it('is compressed for who can read that', async () => {
    const { headers, body } = await expose(meter, { acceptEncoding: 'br, gzip;q=0.5' })
    expect(headers['Content-Encoding']).toBe('gzip')
    expect(gunzipSync(body).toString()).toBe(TEXT)
    for (const acceptEncoding of ['gzip;q=0', 'identity', '']) {
      const plain = await expose(meter, { acceptEncoding })
      expect([plain.headers['Content-Encoding'], plain.body]).toEqual([undefined, TEXT])
    }
  })
})
