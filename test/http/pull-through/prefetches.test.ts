/** An image that is fetched beforehand. */
import { TableQueue } from '@sluice/adapters/local/table-queue'
import { TableQueueWorker } from '@sluice/adapters/local/table-queue-worker'
import { HttpUpstreamDialer } from '@sluice/adapters/upstream/http-upstream-dialer'
import { parseDigest } from '@sluice/core/digest'
import { OCI_INDEX } from '@sluice/core/media-type'
import { createRegistry } from '@sluice/core/registry'
import { parseRepositoryName } from '@sluice/core/repository-name'
import { FILL_JOB } from '@sluice/core/services/cached-blobs'
import { expect, it } from 'vitest'
import { hang } from '../../upstream/fault.ts'
import {
  digestOfBytes,
  makeImage,
  makeManifest,
  putImage,
  type MadeImage,
} from '../../upstream/upstream-content.ts'
import { expectStatus } from '../apis/wire.ts'
import { describeDoors } from '../describe-doors.ts'
import { cacheRequests } from './cache-requests.ts'
import { noise } from './cached-upstream.ts'

interface Platformed {
  readonly platform: object | undefined
  readonly image: MadeImage
}

const indexOf = (all: readonly Platformed[]) =>
  makeManifest(OCI_INDEX, {
    manifests: all.map(({ platform, image: { mediaType, digest, bytes } }) => ({
      mediaType,
      digest,
      size: bytes.byteLength,
      platform,
    })),
  })

/** Of all their blobs, each once. */
function bytesOf(...images: readonly MadeImage[]): number {
  const blobs = images.flatMap(({ config, layers }) => [config, ...layers])
  const sizes = new Map(blobs.map((bytes) => [digestOfBytes(bytes), bytes.byteLength]))
  return [...sizes.values()].reduce((sum, size) => sum + size, 0)
}

describeDoors('requests to a cache', (door) => {
  const { cached, ask, status, kinds, pull } = cacheRequests(door)

  /** An index for two platforms and what a builder adds to it, at the upstream. */
  const manifold = async () => {
    const { repository } = await cached.image()
    const [amd64, arm, attestation] = [noise(2000), noise(3000), noise(10)].map((layer) =>
      makeImage([layer]),
    ) as [MadeImage, MadeImage, MadeImage]
    for (const image of [amd64, arm, attestation])
      await putImage(cached.upstream.content, repository, image.digest, image)
    const index = indexOf([
      { platform: { os: 'linux', architecture: 'amd64' }, image: amd64 },
      { platform: { os: 'linux', architecture: 'arm', variant: 'v7' }, image: arm },
      { platform: { os: 'unknown', architecture: 'unknown' }, image: attestation },
    ])
    await cached.upstream.content.putManifest(repository, 'multi', index)
    return { repository, index, amd64, arm, attestation }
  }

  it('prefetch brings an image, and after that nobody asks for any of it', async () => {
    const project = await cached.cache()
    const { repository, image } = await cached.image([1000, 2_000_000, 0])
    const spec = { repository, tag: 'latest' }
    const whole = {
      digest: image.digest,
      failures: [],
      finished: true,
      bytes: { total: bytesOf(image), here: bytesOf(image) },
    }
    expect(await status('imageprefetches', project, spec)).toEqual({
      ...whole,
      manifests: { here: 1, came: 1 },
      blobs: { total: 4, here: 4, came: 4 },
    })
    expect(kinds().toSorted()).toEqual(['blob-get', 'blob-get', 'blob-get', 'manifest-get'])
    const nothing = {
      ...whole,
      manifests: { here: 1, came: 0 },
      blobs: { total: 4, here: 4, came: 0 },
    }
    expect(await status('imageprefetches', project, spec)).toEqual(nothing)
    const byDigest = { repository, digest: image.digest }
    expect(await status('imageprefetches', project, byDigest)).toEqual(nothing)
    cached.upstream.fail('any', hang)
    for (const bytes of [image.config, ...image.layers]) {
      const found = await door.get(`/v2/${project}/${repository}/blobs/${digestOfBytes(bytes)}`)
      expect(found.body.equals(bytes)).toBe(true)
    }
    expect(cached.upstream.requests).toHaveLength(4)
  })

  it('prefetch brings of an index what was asked for, and all without that', async () => {
    const project = await cached.cache()
    const { repository, index, amd64, arm, attestation } = await manifold()
    const spec = { repository, tag: 'multi' }
    const prefetched = (platforms?: readonly string[]) =>
      status('imageprefetches', project, { ...spec, ...(platforms && { platforms }) })
    expect(await prefetched(['linux/amd64'])).toMatchObject({
      digest: index.digest,
      manifests: { here: 2, came: 2 },
      blobs: { total: 2, here: 2, came: 2 },
      bytes: { here: bytesOf(amd64) },
      finished: true,
    })
    expect(kinds().filter((kind) => kind === 'manifest-get')).toHaveLength(2)
    expect(await pull(project, repository, amd64.digest)).toBe(amd64.digest)
    expect(await prefetched(['linux/amd64', 'linux/arm', 'windows/amd64'])).toMatchObject({
      manifests: { here: 3, came: 1 },
      blobs: { total: 4, here: 4, came: 2 },
      bytes: { here: bytesOf(amd64, arm) },
      failures: [{ what: 'windows/amd64', reason: 'the image is not made for it' }],
      finished: true,
    })
    expect(await prefetched(['linux/arm/v6'])).toMatchObject({
      failures: [{ what: 'linux/arm/v6' }],
    })
    expect(await prefetched()).toMatchObject({
      manifests: { here: 4, came: 1 },
      blobs: { total: 6, here: 6, came: 2 },
      bytes: { total: bytesOf(amd64, arm, attestation) },
      finished: true,
    })
    expect(cached.upstream.count('manifest-get')).toBe(4)
    expect(cached.upstream.count('manifest-head')).toBe(0)
    expect(cached.upstream.count('blob-get')).toBe(6)
  })

  it('prefetch tells of what has failed, and brings the rest', async () => {
    const project = await cached.cache()
    const { repository, amd64, attestation } = await manifold()
    const missing = makeImage([noise(5)])
    const without = makeImage([noise(6)])
    await cached.upstream.content.putBlob(repository, without.config)
    await cached.upstream.content.putManifest(repository, without.digest, without)
    const broken = indexOf(
      [amd64, missing, without, attestation].map((image) => ({ platform: undefined, image })),
    )
    await cached.upstream.content.putManifest(repository, 'broken', broken)
    const found = await status('imageprefetches', project, { repository, tag: 'broken' })
    expect(found).toMatchObject({
      manifests: { here: 4, came: 4 },
      blobs: { total: 6, here: 5, came: 5 },
      finished: true,
    })
    expect(found['failures']).toEqual([
      { what: missing.digest, reason: expect.stringContaining('has no such manifest') as string },
      {
        what: digestOfBytes(without.layers[0]!),
        reason: expect.stringContaining('has no blob') as string,
      },
    ])
    expectStatus(
      await ask('imageprefetches', project, { repository, tag: 'none' }),
      404,
      'NotFound',
      /has no such tag none$/,
    )
  })

  it('prefetch does not wait for ever: whoever asks again hears how far it is', async () => {
    const project = await cached.cache()
    const { repository, image } = await cached.image([300_000, 500])
    const spec = { repository, tag: 'latest' }
    cached.upstream.fail('blob-get', { kind: 'drip', bytes: 60_000, everyMs: 900 }, 3)
    const first = await status('imageprefetches', project, spec)
    expect(first).toMatchObject({ blobs: { total: 3 }, failures: [], finished: false })
    let last = first
    for (let asked = 0; last['finished'] !== true && asked < 20; asked++)
      last = await status('imageprefetches', project, { repository, digest: image.digest })
    expect(last).toMatchObject({ blobs: { total: 3, here: 3 }, finished: true })
    expect(cached.upstream.count('blob-get')).toBe(3)
    expect(cached.upstream.count('manifest-get')).toBe(1)
  })

  it('prefetch has the blobs brought by others where this door cannot', async () => {
    const project = await cached.cache()
    const { repository, image } = await cached.image([1000, 2000])
    const { table, store, clock } = door.served.temporary
    const jobs: string[] = []
    const failed: unknown[] = []
    const queue = new TableQueue(table, clock, 'fill')
    const worker = new TableQueueWorker({
      table,
      clock,
      name: 'fill',
      look: 10,
      handlers: {
        [FILL_JOB]: async (job) => {
          jobs.push(String(job['digest']))
          await registry.fillJob?.do(job, queue, () => false)
        },
      },
      onFailure: (error) => failed.push(error),
    })
    const registry = createRegistry({
      table,
      store,
      clock,
      upstreams: {
        pseudonym: 'sluice-0123456789abcdef',
        jobs: queue,
        dialer: (tokens) =>
          new HttpUpstreamDialer({
            secrets: { read: async () => undefined },
            tokens,
            clock,
            onProblem: () => undefined,
          }),
      },
    })
    const name = parseRepositoryName(`${project}/${repository}`)
    const step = () =>
      registry.cachedImages.prefetch(
        name,
        { digest: parseDigest(image.digest) },
        undefined,
        AbortSignal.timeout(60_000),
      )
    expect(await step()).toMatchObject({ manifests: { here: 1, came: 1 }, blobs: { total: 3 } })
    await expect.poll(step, { timeout: 30_000 }).toMatchObject({
      blobs: { total: 3, here: 3 },
      bytes: { here: bytesOf(image) },
      finished: true,
    })
    await worker.close()
    expect(failed).toEqual([])
    const blobs = [image.config, ...image.layers].map(digestOfBytes)
    // A step that looked before the bytes were here, and asks when the job is done and forgotten, sends it again: it finds
    // nothing to do, and the upstream is asked once all the same.
    expect([...new Set(jobs)].toSorted()).toEqual(blobs.toSorted())
    expect(cached.upstream.count('blob-get')).toBe(3)
  })
})
