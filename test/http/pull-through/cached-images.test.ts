import { MemoryQueue } from '@sluice/adapters/local/memory-queue'
import { HttpUpstreamDialer } from '@sluice/adapters/upstream/http-upstream-dialer'
import { parseDigest } from '@sluice/core/digest'
import { OCI_INDEX } from '@sluice/core/media-type'
import { UpstreamError } from '@sluice/core/ports/upstream'
import { createRegistry } from '@sluice/core/registry'
import { parseRepositoryName } from '@sluice/core/repository-name'
import { FILL_JOB } from '@sluice/core/services/cached-blobs'
import { afterEach, expect, it } from 'vitest'
import { answer, hang } from '../../upstream/fault.ts'
import {
  digestOfBytes,
  makeImage,
  makeManifest,
  putImage,
  type MadeImage,
} from '../../upstream/upstream-content.ts'
import { BINDINGS, binding, expectStatus, JSON_TYPE, wire } from '../apis/wire.ts'
import { describeDoors } from '../describe-doors.ts'
import { CachedUpstream, noise } from './cached-upstream.ts'

const HOUR = 3_600_000

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

const as = (user: string) => ({ 'Impersonate-User': user })

describeDoors('requests to a cache', (door) => {
  const cached = new CachedUpstream(door)

  /** Failures of the upstream are for the log. */
  const logged = (): string[] =>
    door.served.failures.splice(0).map((error) => {
      expect(error).toBeInstanceOf(UpstreamError)
      return (error as UpstreamError).reason
    })

  afterEach(async () => {
    const { problems } = await door.registry.checker.check({ deep: true, pause: 0 })
    // oxlint-disable-next-line vitest/no-standalone-expect -- said of each test
    expect(problems).toEqual([])
  })

  const ask = (plural: string, project: string, spec: object, headers: object = {}) =>
    door.post(
      `/apis/sluice.dev/v1/namespaces/${project}/${plural}`,
      JSON.stringify({ apiVersion: 'sluice.dev/v1', spec }),
      { ...JSON_TYPE, ...headers },
    )
  const status = async (plural: string, project: string, spec: object) => {
    const found = await ask(plural, project, spec)
    expect(found.status).toBe(201)
    return wire(found)['status'] as Readonly<Record<string, unknown>>
  }
  const kinds = () => cached.upstream.requests.map(({ kind }) => kind)
  const pull = async (project: string, repository: string, reference = 'latest') => {
    const found = await door.get(`/v2/${project}/${repository}/manifests/${reference}`)
    return found.headers['docker-content-digest'] ?? found.status
  }
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
  it('refresh asks what a tag names now, however fresh it is', async () => {
    const project = await cached.cache()
    const { repository, image } = await cached.image()
    const spec = { repository, tag: 'latest' }
    expect(await status('imagerefreshes', project, spec)).toEqual({ digest: image.digest })
    door.clock.advance(1)
    expect(await status('imagerefreshes', project, spec)).toEqual({
      digest: image.digest,
      previousDigest: image.digest,
    })
    expect(kinds()).toEqual(['manifest-get', 'manifest-head'])
    const next = makeImage([noise(10)])
    await putImage(cached.upstream.content, repository, 'latest', next)
    expect(await pull(project, repository)).toBe(image.digest)
    door.clock.advance(1)
    expect(await status('imagerefreshes', project, spec)).toEqual({
      digest: next.digest,
      previousDigest: image.digest,
    })
    expect(await pull(project, repository)).toBe(next.digest)
    expect(kinds()).toEqual(['manifest-get', 'manifest-head', 'manifest-head', 'manifest-get'])
  })

  it('refresh says what is too new to be served', async () => {
    const project = await cached.cache({ minimumTagAge: 86_400 })
    const { repository, image } = await cached.image()
    const spec = { repository, tag: 'latest' }
    await status('imagerefreshes', project, spec)
    const next = makeImage([noise(10)])
    await putImage(cached.upstream.content, repository, 'latest', next)
    door.clock.advance(1)
    const held = { digest: image.digest, previousDigest: image.digest, nextDigest: next.digest }
    expect(await status('imagerefreshes', project, spec)).toEqual(held)
    door.clock.advance(25 * HOUR)
    expect(await status('imagerefreshes', project, spec)).toEqual({
      digest: next.digest,
      previousDigest: image.digest,
    })
  })

  it('refresh asks also for what was not there a moment ago', async () => {
    const project = await cached.cache()
    const { repository, image } = await cached.image()
    expect(await pull(project, repository, 'v2')).toBe(404)
    await putImage(cached.upstream.content, repository, 'v2', image)
    expect(await pull(project, repository, 'v2')).toBe(404)
    const spec = { repository, tag: 'v2' }
    expect(await status('imagerefreshes', project, spec)).toEqual({ digest: image.digest })
    expect(await pull(project, repository, 'v2')).toBe(image.digest)
  })

  it('refresh says why it could not, and leaves what is here', async () => {
    const project = await cached.cache()
    const { repository, image } = await cached.image()
    await pull(project, repository)
    door.clock.advance(1)
    const spec = { repository, tag: 'latest' }
    cached.upstream.fail('any', answer(503))
    const failed = await ask('imagerefreshes', project, spec)
    expectStatus(failed, 503, 'ServiceUnavailable', new RegExp(`^upstream ${project} `))
    cached.upstream.heal()
    cached.upstream.fail('any', answer(429, { 'retry-after': '9' }))
    const limited = await ask('imagerefreshes', project, spec)
    expectStatus(limited, 429, 'TooManyRequests', new RegExp(`^upstream ${project} `))
    expect(limited.headers['retry-after']).toBe('9')
    expect(logged()).toEqual(['failing', 'limited'])
    expect(await pull(project, repository)).toBe(image.digest)
    cached.upstream.heal()
    door.clock.advance(HOUR / 60)
    cached.upstream.fail('any', answer(404))
    const gone = await ask('imagerefreshes', project, spec)
    expectStatus(gone, 404, 'NotFound', /has no such tag latest$/)
    // Then the upstream has said so.
    expect(await pull(project, repository)).toBe(404)
  })

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
    const queue = new MemoryQueue({
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
    await queue.close()
    expect(failed).toEqual([])
    const blobs = [image.config, ...image.layers].map(digestOfBytes)
    expect(jobs.toSorted()).toEqual(blobs.toSorted())
    expect(cached.upstream.count('blob-get')).toBe(3)
  })

  it('purge forgets a tag alone, a manifest with its tags, or all of a repository', async () => {
    const project = await cached.cache()
    const { repository, image } = await cached.image()
    await putImage(cached.upstream.content, repository, 'v1', image)
    const other = makeImage([noise(20)])
    await putImage(cached.upstream.content, repository, 'other', other)
    const pullAll = async () => {
      for (const tag of ['latest', 'v1', 'other'])
        expect(await pull(project, repository, tag)).toBe(
          tag === 'other' ? other.digest : image.digest,
        )
    }
    const requests = async () => {
      cached.upstream.forget()
      await pullAll()
      return kinds()
    }
    const purge = (more: object = {}) => status('imagepurges', project, { repository, ...more })
    const here = (reference: string) =>
      door.registry.manifests.look(
        parseRepositoryName(`${project}/${repository}`),
        reference.includes(':') ? { digest: parseDigest(reference) } : { tag: reference as never },
      )
    expect(await requests()).toEqual(['manifest-get', 'manifest-get', 'manifest-get'])
    expect(await purge({ tag: 'v1' })).toEqual({ finished: true })
    expect(await here('v1')).toBeUndefined()
    expect(await here(image.digest)).toBeDefined()
    expect(await requests()).toEqual(['manifest-get'])
    expect(await purge({ digest: image.digest })).toEqual({ finished: true })
    expect(await here('latest')).toBeUndefined()
    expect(await here('other')).toBeDefined()
    expect(await requests()).toEqual(['manifest-get', 'manifest-get'])
    expect(await purge()).toEqual({ finished: true })
    expect(await here(other.digest)).toBeUndefined()
    expect(await requests()).toEqual(['manifest-get', 'manifest-get', 'manifest-get'])
    for (const more of [{ tag: 'none' }, { digest: digestOfBytes(noise(3)) }])
      expectStatus(
        await ask('imagepurges', project, { repository, ...more }),
        404,
        'NotFound',
        /has no/,
      )
    expectStatus(
      await ask('imagepurges', project, { repository: 'no/such' }),
      404,
      'NotFound',
      /there is no repository/,
    )
  })

  it('purge needs no upstream, not even its settings', async () => {
    const project = await cached.cache()
    const { repository } = await cached.image()
    await pull(project, repository)
    await door.registry.upstreams.remove(
      { user: 'system:admin', groups: ['system:masters'] },
      undefined,
      project,
    )
    door.clock.advance(11_000)
    cached.upstream.forget()
    expect(await status('imagepurges', project, { repository })).toEqual({ finished: true })
    expect(cached.upstream.requests).toEqual([])
    expect(await pull(project, repository)).toBe(503)
  })

  it('a name that stands for another is understood', async () => {
    const project = await cached.cache({ defaultPrefix: 'library' })
    const image = makeImage([noise(30)])
    await putImage(cached.upstream.content, 'library/nginx', 'v1', image)
    const spec = { repository: 'nginx', tag: 'v1' }
    expect(await status('imagerefreshes', project, spec)).toEqual({ digest: image.digest })
    expect(await status('imageprefetches', project, spec)).toMatchObject({ blobs: { here: 2 } })
    expect(await status('imagepurges', project, { repository: 'nginx' })).toEqual({
      finished: true,
    })
    expect(
      await door.registry.repositories.find(parseRepositoryName(`${project}/library/nginx`)),
    ).toBe(undefined)
  })

  it('whoever may not change the image stream may ask for none of it', async () => {
    const project = await cached.cache()
    const { repository } = await cached.image()
    await pull(project, repository)
    cached.upstream.forget()
    const bindings = BINDINGS.replace('/default/', `/${project}/`)
    for (const [role, user] of [
      ['registry-viewer', 'victor'],
      ['registry-editor', 'edith'],
    ] as const)
      await door.post(bindings, JSON.stringify(binding(role, role, user)), JSON_TYPE)
    const spec = { repository, tag: 'latest' }
    for (const user of ['victor', 'stranger']) {
      for (const plural of ['imagerefreshes', 'imageprefetches', 'imagepurges']) {
        const verb = plural === 'imagepurges' ? 'delete' : 'update'
        expectStatus(
          await ask(plural, project, spec, as(user)),
          403,
          'Forbidden',
          `User "${user}" cannot ${verb} resource "imagestreams"`,
        )
      }
    }
    expect(cached.upstream.requests).toEqual([])
    door.clock.advance(1)
    for (const plural of ['imagerefreshes', 'imageprefetches', 'imagepurges'])
      expect((await ask(plural, project, spec, as('edith'))).status).toBe(201)
  })

  it('what means nothing is refused before anybody is asked', async () => {
    const project = await cached.cache({ deny: ['org/denied*'] })
    const { repository } = await cached.image()
    const refused = async (plural: string, spec: object, code: number, message: RegExp) => {
      const reason = { 400: 'BadRequest', 403: 'Forbidden', 404: 'NotFound' }[code] ?? ''
      expectStatus(await ask(plural, project, spec), code, reason, message)
    }
    await refused('imagerefreshes', {}, 400, /spec.repository must be set/)
    await refused('imagerefreshes', { repository }, 400, /spec.tag must be set/)
    await refused('imagerefreshes', { repository, tag: '-' }, 400, /a tag has/)
    await refused('imagerefreshes', { repository: 'A', tag: 'v1' }, 400, /name/)
    const mistaken = { repository, tag: 'latest', platform: ['linux/amd64'] }
    await refused('imageprefetches', mistaken, 400, /unknown field "spec.platform"/)
    await refused('imageprefetches', { repository }, 400, /spec.tag or spec.digest must be set/)
    await refused('imageprefetches', { repository, digest: 'x' }, 400, /digest/)
    await refused(
      'imageprefetches',
      { repository, tag: 'latest', platforms: ['amd64'] },
      400,
      /"amd64" is no platform/,
    )
    await refused(
      'imagepurges',
      { repository, tag: 'v1', digest: digestOfBytes(noise(1)) },
      400,
      /exclude each other/,
    )
    for (const plural of ['imagerefreshes', 'imageprefetches'])
      await refused(plural, { repository: 'org/denied-app', tag: 'v1' }, 403, /is not read through/)
    for (const plural of ['imagerefreshes', 'imageprefetches', 'imagepurges']) {
      const own = await ask(plural, 'default', { repository: 'app', tag: 'v1' })
      expectStatus(own, 404, 'NotFound', /project default caches no upstream/)
      const path = `/apis/sluice.dev/v1/namespaces/${project}/${plural}`
      expectStatus(await door.get(path), 405, 'MethodNotAllowed', /./)
      const dry = await door.post(
        `${path}?dryRun=All`,
        JSON.stringify({ spec: { repository, tag: 'v1' } }),
        JSON_TYPE,
      )
      expectStatus(dry, 400, 'BadRequest', /know no dryRun/)
    }
    expect(cached.upstream.requests).toEqual([])
    const { resources } = wire(await door.get('/apis/sluice.dev/v1')) as unknown as {
      resources: readonly { name: string }[]
    }
    expect(resources.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['imagerefreshes', 'imageprefetches', 'imagepurges', 'upstreams']),
    )
  })
})
