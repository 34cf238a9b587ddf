/** What is told of images, of other registries and of the sweeper: each moves by exactly what was done. */
import { digestOf } from '@sluice/core/digest'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { answer } from '../upstream/fault.ts'
import { putImage } from '../upstream/upstream-content.ts'
import { newImage, UPSTREAM, WatchedServer } from './watched-server.ts'

const TAG_SECONDS = 3600

const request = (resource: string, result: string): string =>
  `{resource="${resource}",result="${result}",upstream="${UPSTREAM}"}`

describe('the metrics of images', () => {
  let server: WatchedServer
  let registry: string
  beforeAll(async () => {
    server = await WatchedServer.start({
      upstream: {
        tagAges: [
          { pattern: 'always-old', seconds: 0 },
          { pattern: '*', seconds: TAG_SECONDS },
        ],
        negativeAges: { tag: 0, digest: 0, refused: 0 },
      },
      env: { SLUICE_SWEEP_INTERVAL: '1', SLUICE_GRACE: '0' },
    })
    registry = new URL(server.upstream.url).host
  })
  afterAll(() => server?.stop())

  const labels = (operation: string): string => `{operation="${operation}",registry="${registry}"}`

  it('count pushes and pulls of each project, and no mere look as a pull', async () => {
    const image = newImage()
    const by = await server.watch(async () => {
      await server.push('default/app', 'v1', image)
      await server.ask('GET', '/v2/default/app/manifests/v1')
      await server.ask('GET', `/v2/default/app/manifests/${image.digest}`)
      await server.ask('HEAD', '/v2/default/app/manifests/v1')
      await server.ask('GET', '/v2/default/app/manifests/none')
    })
    expect(by('sluice_pushes_total')).toEqual({ '{project="default"}': 1 })
    expect(by('sluice_pulls_total')).toEqual({ '{project="default"}': 2 })
    expect(by('sluice_cache_requests_total')).toEqual({})
  })

  it('measure an upstream by the operations that it is asked for', async () => {
    const image = newImage([5000])
    await putImage(server.upstream.content, 'org/cold', 'v1', image)
    const base = `/v2/${UPSTREAM}/org/cold`
    const layer = `${base}/blobs/${digestOf('sha256', image.layers[0]!)}`
    const cold = await server.watch(async () => {
      expect((await server.ask('GET', `${base}/manifests/v1`)).status).toBe(200)
      expect((await server.ask('GET', layer)).status).toBe(200)
    })
    expect(cold('imageregistry_pullthrough_repository_duration_seconds_count')).toMatchObject({
      [labels('ManifestService.Get')]: 1,
      [labels('BlobStore.Open')]: 1,
    })
    expect(
      cold('imageregistry_pullthrough_repository_duration_seconds_count')[labels('Init')],
    ).toBeGreaterThan(0)
    // Its manifest had told whose the blob is.
    expect(cold('imageregistry_pullthrough_blobstore_cache_requests_total')).toEqual({
      '{type="Hit"}': 1,
    })
    expect(cold('sluice_cache_requests_total')).toEqual({
      [request('manifest', 'miss')]: 1,
      [request('blob', 'miss')]: 1,
    })
    expect(cold('sluice_cache_bytes_total')).toEqual({
      [`{from="upstream",upstream="${UPSTREAM}"}`]: image.bytes.byteLength + 5000,
    })
    const warm = await server.watch(async () => {
      await server.ask('GET', `${base}/manifests/v1`)
    })
    expect(warm('sluice_cache_requests_total')).toEqual({ [request('manifest', 'hit')]: 1 })
    expect(warm('sluice_cache_bytes_total')).toEqual({
      [`{from="cache",upstream="${UPSTREAM}"}`]: image.bytes.byteLength,
    })
    expect(warm('imageregistry_pullthrough_repository_duration_seconds_count')).toEqual({})
  })

  it('count a blob that is here, in the thread that knows its project for a cache', async () => {
    const one = await WatchedServer.start({ env: { SLUICE_THREADS: '1' } })
    try {
      const image = newImage([700])
      await putImage(one.upstream.content, 'org/app', 'v1', image)
      const base = `/v2/${UPSTREAM}/org/app`
      const layer = `${base}/blobs/${digestOf('sha256', image.layers[0]!)}`
      const pull = async (): Promise<void> => {
        await one.ask('GET', `${base}/manifests/v1`)
        await one.ask('GET', layer)
      }
      await pull()
      // What has come is recorded behind the answer.
      await vi.waitFor(async () => {
        const by = await one.watch(pull)
        expect(by('sluice_cache_requests_total')).toEqual({
          [`{resource="manifest",result="hit",upstream="${UPSTREAM}"}`]: 1,
          [`{resource="blob",result="hit",upstream="${UPSTREAM}"}`]: 1,
        })
        expect(by('sluice_cache_bytes_total')).toEqual({
          [`{from="cache",upstream="${UPSTREAM}"}`]: image.bytes.byteLength + 700,
        })
      }, 10_000)
      const unknown = await one.watch(() =>
        one.ask('GET', `${base}/blobs/sha256:${'0'.repeat(64)}`),
      )
      expect(unknown('imageregistry_pullthrough_repository_errors_total')).toEqual({
        [`{code="UNKNOWN",operation="BlobStore.Stat",registry="${new URL(one.upstream.url).host}"}`]: 1,
      })
    } finally {
      await one.stop()
    }
  })

  it('tell how many pulls an upstream still allows', async () => {
    const image = newImage()
    await putImage(server.upstream.content, 'org/limited', 'v1', image)
    server.upstream.fail('any', {
      kind: 'headers',
      headers: { 'ratelimit-remaining': '76;w=21600' },
    })
    await server.ask('GET', `/v2/${UPSTREAM}/org/limited/manifests/v1`)
    server.upstream.heal()
    const seen = await server.scrape()
    expect(seen.get(`sluice_upstream_quota_remaining{upstream="${UPSTREAM}"}`)).toBe(76)
  })

  it('count those who wait for what another fetches', async () => {
    const image = newImage()
    await putImage(server.upstream.content, 'org/wanted', 'v1', image)
    server.upstream.fail('manifest-get', { kind: 'drip', bytes: 50, everyMs: 300 })
    const by = await server.watch(() =>
      Promise.all(
        Array.from({ length: 8 }, () =>
          server.ask('GET', `/v2/${UPSTREAM}/org/wanted/manifests/v1`),
        ),
      ),
    )
    server.upstream.heal()
    expect(by('sluice_coalesced_requests_total')).toEqual({
      [`{resource="manifest",upstream="${UPSTREAM}"}`]: 7,
    })
    expect(by('sluice_cache_requests_total')).toEqual({
      [`{resource="manifest",result="miss",upstream="${UPSTREAM}"}`]: 8,
    })
  })

  it('count what upstreams do not have or refuse, and what is served old', async () => {
    const image = newImage()
    await putImage(server.upstream.content, 'org/old', 'always-old', image)
    const path = `/v2/${UPSTREAM}/org/old/manifests/always-old`
    await server.ask('GET', path)
    const absent = await server.watch(() =>
      server.ask('GET', `/v2/${UPSTREAM}/org/old/manifests/none`),
    )
    expect(absent('imageregistry_pullthrough_repository_errors_total')).toEqual({
      [`{code="MANIFEST_UNKNOWN",operation="ManifestService.Get",registry="${registry}"}`]: 1,
    })
    server.upstream.fail('any', answer(429))
    const stale = await server.watch(async () => {
      expect((await server.ask('GET', path)).headers.get('warning')).toMatch(/^1\d\d|^299/)
    })
    server.upstream.heal()
    expect(stale('imageregistry_pullthrough_repository_errors_total')).toEqual({
      [`{code="TOOMANYREQUESTS",operation="TagService.Get",registry="${registry}"}`]: 1,
    })
    expect(stale('sluice_cache_requests_total')).toEqual({
      [`{resource="manifest",result="stale",upstream="${UPSTREAM}"}`]: 1,
    })
  })

  it('tell what the sweeper removed, and what projects hold', async () => {
    const bytes = Buffer.alloc(3000, 'nobody refers to it')
    const image = newImage([2000, 2000])
    const before = await server.scrape()
    await server.push('default/held', 'v1', image)
    const digest = digestOf('sha256', bytes)
    await server.ask(
      'POST',
      `/v2/default/held/blobs/uploads/?digest=${digest}`,
      new Uint8Array(bytes),
    )
    await vi.waitFor(
      async () => {
        const after = await server.scrape()
        const by = (series: string): number => (after.get(series) ?? 0) - (before.get(series) ?? 0)
        expect(by('sluice_sweep_removed_total{kind="links"}')).toBe(1)
        expect(by('sluice_sweep_removed_total{kind="blobs"}')).toBe(1)
        expect(by('sluice_sweep_removed_bytes_total')).toBe(3000)
        expect(by('sluice_sweep_runs_total{result="finished"}')).toBeGreaterThan(0)
        expect(after.get('sluice_sweep_backlog')).toBe(0)
        expect(after.get('sluice_sweep_failures_total')).toBe(0)
        const held = image.bytes.byteLength + image.config.byteLength + 4000
        expect(by('sluice_storage_bytes{project="default"}')).toBe(held)
      },
      { timeout: 60_000, interval: 500 },
    )
  })
})
