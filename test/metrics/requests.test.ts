/** What OpenShift's registry measures of requests, services and storage: each moves by exactly what was done. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { digestOf } from '@sluice/core/digest'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { MadeImage } from '../upstream/upstream-content.ts'
import { exposition, samplesOf } from './scrape.ts'
import { copy, newImage, WatchedServer } from './watched-server.ts'

const REPOSITORY = 'default/app'
const BASE = `/v2/${REPOSITORY}`
const ABSENT = `sha256:${'0'.repeat(64)}`

describe('the metrics of a server of four threads', () => {
  let server: WatchedServer
  let image: MadeImage
  beforeAll(async () => {
    server = await WatchedServer.start()
    image = newImage()
    await server.push(REPOSITORY, 'v1', image)
  })
  afterAll(() => server?.stop())

  const layer = (): string => digestOf('sha256', image.layers[0]!)
  const operations = async (work: () => Promise<unknown>): Promise<Record<string, number>> => {
    const by = (await server.watch(work))('imageregistry_request_duration_seconds_count')
    return Object.fromEntries(
      Object.entries(by).map(([labels, count]) => [/operation="(.*)"/.exec(labels)![1]!, count]),
    )
  }

  it('count requests by method and code, and measure each', async () => {
    const by = await server.watch(async () => {
      await server.ask('GET', `${BASE}/manifests/v1`)
      await server.ask('GET', `${BASE}/manifests/none`)
      await server.ask('HEAD', `${BASE}/manifests/none`)
      await server.ask('PURGE', '/v2/')
      await server.ask('GET', '/token')
      await server.ask('GET', '/nowhere')
      // Those who ask whether it lives are not counted.
      await server.ask('GET', '/')
      await server.ask('GET', '/healthz')
      await server.ask('GET', '/readyz')
    })
    expect(by('imageregistry_http_requests_total')).toEqual({
      // The scrape before is one.
      '{code="200",method="get"}': 3,
      '{code="404",method="get"}': 2,
      '{code="404",method="head"}': 1,
      '{code="405",method="unknown"}': 1,
    })
    expect(by('imageregistry_http_request_duration_seconds_count')).toEqual({
      '{method="get"}': 5,
      '{method="head"}': 1,
      '{method="unknown"}': 1,
    })
    expect(by('imageregistry_http_time_to_write_header_seconds_count')).toEqual({ '': 7 })
    const { '{method="get"}': seconds } = by('imageregistry_http_request_duration_seconds_sum')
    expect(seconds).toBeGreaterThan(0)
  })

  it('measure the bytes of requests and responses', async () => {
    const before = await exposition(server.sluice, { 'accept-encoding': 'identity' })
    const asked = request(`${server.sluice.url}${BASE}/manifests/v1`, {
      headers: { host: 'name.example', authorization: 'Bearer none', connection: 'close' },
    })
    asked.end()
    const [answer] = (await once(asked, 'response')) as [AsyncIterable<Buffer>]
    let body = 0
    for await (const piece of answer) body += piece.byteLength
    const after = samplesOf(await exposition(server.sluice))
    const by = (series: string): number => after.get(series)! - samplesOf(before).get(series)!
    const head = `GET${BASE}/manifests/v1HTTP/1.1name.exampleauthorizationBearer noneconnectionclose`
    // Of the scrape before only the size of its answer is known here.
    expect(by('imageregistry_http_request_size_bytes_count')).toBe(2)
    expect(by('imageregistry_http_request_size_bytes_sum')).toBeGreaterThan(head.length)
    expect(by('imageregistry_http_response_size_bytes_sum')).toBe(body + Buffer.byteLength(before))
    const pushed = await server.watch(() => server.ask('PUT', '/v2/', copy(Buffer.alloc(100_000))))
    const sum = pushed('imageregistry_http_request_size_bytes_sum')['']!
    expect(Math.floor(sum / 1000)).toBe(100)
  })

  it('know how many requests are being served, wherever', async () => {
    const flying = async (): Promise<number | undefined> =>
      (await server.scrape()).get('imageregistry_http_in_flight_requests')
    expect(await flying()).toBe(1)
    const started = await server.ask('POST', `${BASE}/blobs/uploads/`)
    const upload = request(new URL(started.headers.get('location')!, server.sluice.url), {
      method: 'PATCH',
      headers: {
        authorization: `Basic ${Buffer.from(`kubeadmin:${server.sluice.password}`).toString('base64')}`,
      },
    })
    upload.write('the first piece')
    await vi.waitFor(async () => expect(await flying()).toBe(2), 10_000)
    upload.end()
    await once(upload, 'response')
    await vi.waitFor(async () => expect(await flying()).toBe(1), 10_000)
  })

  it('measure what a push calls', async () => {
    const blob = copy(Buffer.from('a layer that comes in pieces'))
    const digest = digestOf('sha256', blob)
    const made = await operations(async () => {
      const started = await server.ask('POST', `${BASE}/blobs/uploads/`)
      const location = started.headers.get('location')!
      await server.ask('PATCH', location, blob)
      expect((await server.ask('PUT', `${location}?digest=${digest}`)).status).toBe(201)
      const other = await server.ask('POST', `${BASE}/blobs/uploads/`)
      await server.ask('GET', other.headers.get('location')!)
      expect((await server.ask('DELETE', other.headers.get('location')!)).status).toBe(204)
      await server.ask(
        'POST',
        `/v2/default/other/blobs/uploads/?mount=${digest}&from=${REPOSITORY}`,
      )
      await server.ask('POST', `${BASE}/blobs/uploads/?digest=${digest}`, blob)
      await server.put(REPOSITORY, 'v2', image.bytes)
      await server.put(REPOSITORY, image.digest, image.bytes)
    })
    expect(made).toEqual({
      'BlobStore.Create': 3,
      'BlobStore.Put': 1,
      'BlobStore.Resume': 2,
      'BlobWriter.Cancel': 1,
      'BlobWriter.Commit': 1,
      'ManifestService.Put': 2,
      'TagService.Tag': 1,
    })
  })

  it('measure what a pull calls', async () => {
    const made = await operations(async () => {
      await server.ask('HEAD', `${BASE}/manifests/v1`)
      await server.ask('GET', `${BASE}/manifests/${image.digest}`)
      await server.ask('HEAD', `${BASE}/blobs/${layer()}`)
      await server.ask('GET', `${BASE}/blobs/${layer()}`)
      await server.ask('GET', `${BASE}/tags/list`)
      // The end of a body is seen here before it is counted there.
      await vi.waitFor(async () => {
        const seen = await server.scrape()
        expect(
          seen.has('imageregistry_request_duration_seconds_count{operation="BlobStore.ServeBlob"}'),
        ).toBe(true)
      })
    })
    expect(made).toEqual({
      'BlobStore.ServeBlob': 1,
      'BlobStore.Stat': 2,
      'ManifestService.Get': 2,
      'TagService.All': 1,
      'TagService.Get': 1,
    })
  })

  it('measure what deletes call', async () => {
    const gone = newImage()
    await server.push('default/gone', 'v1', gone)
    const path = '/v2/default/gone'
    const made = await operations(async () => {
      await server.ask('DELETE', `${path}/manifests/v1`)
      await server.ask('DELETE', `${path}/manifests/${gone.digest}`)
      await server.ask('DELETE', `${path}/blobs/${digestOf('sha256', gone.layers[0]!)}`)
    })
    expect(made).toEqual({
      'BlobStore.Delete': 1,
      'ManifestService.Delete': 1,
      'TagService.Untag': 1,
    })
  })

  it('tell which program it is', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
    const commit = execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).slice(0, 9)
    const [major, minor] = version.split('.')
    expect(await exposition(server.sluice)).toContain(
      `imageregistry_build_info{gitCommit="${commit}",gitVersion="v${version}+${commit}",major="${major}",minor="${minor}"} 1\n`,
    )
  })

  it('tell of the process', async () => {
    const seen = await server.scrape()
    expect(seen.get('process_cpu_seconds_total')).toBeGreaterThan(0)
    expect(seen.get('process_resident_memory_bytes')).toBeGreaterThan(1_000_000)
    const started = seen.get('process_start_time_seconds')!
    expect(started).toBeLessThan(Date.now() / 1000)
    expect(started).toBeGreaterThan(Date.now() / 1000 - 3600)
  })
})

describe('the metrics of a server of one thread', () => {
  let server: WatchedServer
  let image: MadeImage
  let ask: (path: string) => Promise<number>
  beforeAll(async () => {
    server = await WatchedServer.start({ env: { SLUICE_THREADS: '1' } })
    image = newImage()
    await server.push(REPOSITORY, 'v1', image)
    const token = await tokenFor(server, `repository:${REPOSITORY}:pull`)
    ask = async (path) => {
      const answer = await fetch(server.sluice.url + path, {
        headers: { authorization: `Bearer ${token}` },
      })
      await answer.arrayBuffer()
      return answer.status
    }
    // That its project is no cache is known from here on.
    await ask(`${BASE}/tags/list`)
  })
  afterAll(() => server?.stop())

  const layer = (): string => digestOf('sha256', image.layers[0]!)

  it('measure the storage and count its calls, but not what the process remembers', async () => {
    // Whatever it remembers of the table is old then.
    await server.push(REPOSITORY, 'v2', newImage())
    const read = await server.watch(async () => {
      expect(await ask(`${BASE}/manifests/v1`)).toBe(200)
      expect(await ask(`${BASE}/blobs/${layer()}`)).toBe(200)
      expect(await ask(`${BASE}/tags/list`)).toBe(200)
    })
    expect(read('imageregistry_storage_duration_seconds_count')).toMatchObject({
      '{operation="StorageDriver.GetContent"}': 3,
      '{operation="StorageDriver.List"}': 1,
      '{operation="StorageDriver.Reader"}': 1,
      '{operation="StorageDriver.URLFor"}': 1,
    })
    expect(read('sluice_engine_calls_total')).toEqual({
      '{call="BlobStore.read"}': 1,
      '{call="Table.get"}': 3,
      '{call="Table.query"}': 1,
    })
    expect(read('sluice_engine_records_total')).toEqual({ '{call="Table.query"}': 2 })
    const again = await server.watch(() => ask(`${BASE}/manifests/v1`))
    expect(again('sluice_engine_calls_total')).toEqual({})
  })

  it('count the digests that are found, and those that are not', async () => {
    const found = await server.watch(() => ask(`${BASE}/blobs/${layer()}`))
    expect(found('imageregistry_digest_cache_scoped_requests_total')).toEqual({
      '{type="Hit"}': 1,
    })
    const absent = await server.watch(() => ask(`${BASE}/blobs/${ABSENT}`))
    expect(absent('imageregistry_digest_cache_scoped_requests_total')).toEqual({
      '{type="Miss"}': 1,
    })
    const mounted = await server.watch(() =>
      server.ask('POST', `/v2/default/third/blobs/uploads/?mount=${layer()}&from=${REPOSITORY}`),
    )
    expect(mounted('imageregistry_digest_cache_requests_total')).toEqual({ '{type="Hit"}': 1 })
  })

  it('count what the storage has lost', async () => {
    rmSync(join(server.sluice.dataDir, 'blobs'), { recursive: true })
    const lost = await server.watch(() => ask(`${BASE}/blobs/${layer()}`))
    expect(lost('imageregistry_storage_errors_total')).toEqual({
      '{code="PATH_NOT_FOUND",operation="StorageDriver.Reader"}': 1,
    })
    expect(lost('imageregistry_http_requests_total')).toMatchObject({
      '{code="500",method="get"}': 1,
    })
  })
})

async function tokenFor({ sluice }: WatchedServer, scope: string): Promise<string> {
  const basic = Buffer.from(`${sluice.user}:${sluice.password}`).toString('base64')
  const answer = await fetch(`${sluice.url}/token?service=sluice&scope=${scope}`, {
    headers: { authorization: `Basic ${basic}` },
  })
  return ((await answer.json()) as { token: string }).token
}
