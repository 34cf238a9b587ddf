import { describe, expect, it } from 'vitest'
import { answer, hang } from '../../upstream/fault.ts'
import { makeImage, putImage } from '../../upstream/upstream-content.ts'
import { json, text } from '../answer.ts'
import { describeDoors } from '../describe-doors.ts'
import { UpstreamError } from '@sluice/core/ports/upstream'
import { CachedUpstream, noise } from './cached-upstream.ts'

const MINUTE = 60_000

describeDoors('end-3, manifests of a project that caches an upstream', (door) => {
  const cached = new CachedUpstream(door)

  /** Failures of the upstream are for the log. */
  const logged = (): string[] =>
    door.served.failures.splice(0).map((error) => {
      expect(error).toBeInstanceOf(UpstreamError)
      return (error as UpstreamError).reason
    })

  it('end-3 gets what the upstream has, byte for byte, and asks it once', async () => {
    const project = await cached.cache()
    const { repository, image } = await cached.image()
    const path = `/v2/${project}/${repository}/manifests/latest`
    for (const _ of [1, 2, 3]) {
      const found = await door.get(path)
      expect(found.status).toBe(200)
      expect(found.body).toEqual(image.bytes)
      expect(found.headers['docker-content-digest']).toBe(image.digest)
      expect(found.headers['content-type']).toBe(image.mediaType)
      expect(found.headers.warning).toBeUndefined()
    }
    const byDigest = await door.head(`/v2/${project}/${repository}/manifests/${image.digest}`)
    expect(byDigest.status).toBe(200)
    expect(byDigest.headers['content-length']).toBe(String(image.bytes.byteLength))
    expect(cached.upstream.requests.map(({ kind }) => kind)).toEqual(['manifest-get'])
  })

  it('end-3 asks once for however many ask at once', async () => {
    const project = await cached.cache()
    const { repository, image } = await cached.image()
    const paths = ['latest', image.digest].flatMap((reference) =>
      Array.from({ length: 50 }, () => `/v2/${project}/${repository}/manifests/${reference}`),
    )
    const found = await Promise.all(paths.map((path) => door.get(path)))
    expect(new Set(found.map(({ status }) => status))).toEqual(new Set([200]))
    expect(cached.upstream.count('manifest-get')).toBeLessThanOrEqual(2)
    const gets = cached.upstream.requests.filter(({ kind }) => kind === 'manifest-get')
    expect(new Set(gets.map(({ url }) => url)).size).toBe(gets.length)
  })

  it('end-3 asks again when a tag is no longer fresh, and gets only what is new', async () => {
    const project = await cached.cache()
    const { repository, image } = await cached.image()
    const path = `/v2/${project}/${repository}/manifests/latest`
    await door.get(path)
    door.clock.advance(2 * MINUTE)
    expect((await door.get(path)).headers['docker-content-digest']).toBe(image.digest)
    expect(cached.upstream.requests.map(({ kind }) => kind)).toEqual([
      'manifest-get',
      'manifest-head',
    ])
    const next = makeImage([noise(10)])
    await putImage(cached.upstream.content, repository, 'latest', next)
    expect((await door.get(path)).headers['docker-content-digest']).toBe(image.digest)
    door.clock.advance(2 * MINUTE)
    expect((await door.get(path)).body).toEqual(next.bytes)
    expect(cached.upstream.count('manifest-head')).toBe(2)
    expect(cached.upstream.count('manifest-get')).toBe(2)
  })

  it('end-3 says 404 when the upstream does, and asks it again only after a while', async () => {
    const project = await cached.cache()
    const { repository } = await cached.image()
    const path = `/v2/${project}/${repository}/manifests/none`
    for (const _ of [1, 2]) {
      const found = await door.get(path)
      expect(found.status).toBe(404)
      expect(json(found)).toMatchObject({ errors: [{ code: 'MANIFEST_UNKNOWN' }] })
    }
    expect(cached.upstream.requests).toHaveLength(1)
    door.clock.advance(MINUTE)
    await putImage(cached.upstream.content, repository, 'none', makeImage([noise(9)]))
    expect((await door.get(path)).status).toBe(200)
  })

  it('end-3 says 404 of a tag that the upstream has removed', async () => {
    const project = await cached.cache()
    const { repository, image } = await cached.image()
    const path = `/v2/${project}/${repository}/manifests/latest`
    await door.get(path)
    cached.upstream.fail('manifest-head', answer(404))
    door.clock.advance(2 * MINUTE)
    expect((await door.get(path)).status).toBe(404)
    // By digest it is for ever.
    const byDigest = `/v2/${project}/${repository}/manifests/${image.digest}`
    expect((await door.get(byDigest)).status).toBe(200)
  })

  describe.each([
    ['is down', { kind: 'cut' } as const, 503],
    ['answers 500', answer(500), 503],
    ['answers 503', answer(503, { 'retry-after': '7' }), 503],
    ['answers 429', answer(429, { 'retry-after': '9' }), 429],
    ['answers 401', answer(401, { 'www-authenticate': 'Basic realm="x"' }), 502],
    ['answers 403', answer(403), 502],
    ['answers with a page', answer(200, { 'content-type': 'text/html' }, '<html/>'), 502],
  ])('while the upstream %s', (_, fault, status) => {
    it('end-3 serves what it has, says that it is old and how old', async () => {
      const project = await cached.cache()
      const { repository, image } = await cached.image()
      const path = `/v2/${project}/${repository}/manifests/latest`
      await door.get(path)
      cached.upstream.fail('any', fault)
      door.clock.advance(10 * MINUTE)
      for (const _ of [1, 2, 3, 4]) {
        const found = await door.get(path)
        expect(found.status).toBe(200)
        expect(found.body).toEqual(image.bytes)
        expect(found.headers.warning).toMatch(/^299 - "served from the cache: .*"$/)
        expect(found.headers.age).toBe('600')
      }
      expect(cached.upstream.requests.length).toBeLessThanOrEqual(5)
    })

    it('end-3 says why it has nothing, and never 404', async () => {
      const project = await cached.cache()
      const { repository } = await cached.image()
      cached.upstream.fail('any', fault)
      for (const reference of ['latest', `sha256:${'0'.repeat(64)}`]) {
        const found = await door.get(`/v2/${project}/${repository}/manifests/${reference}`)
        expect(found.status).toBe(status)
        expect(Number(found.headers['retry-after'])).toBeGreaterThan(0)
        expect(text(found)).toContain(project)
        expect(text(found)).not.toContain('127.0.0.1')
      }
      expect(logged().length).toBeGreaterThan(0)
    })
  })

  it(
    'end-3 waits three seconds for an upstream that hangs, once',
    { timeout: 30_000 },
    async () => {
      const project = await cached.cache()
      const { repository, image } = await cached.image()
      const path = `/v2/${project}/${repository}/manifests/latest`
      await door.get(path)
      cached.upstream.fail('any', hang)
      door.clock.advance(10 * MINUTE)
      const first = await door.get(path)
      expect(first.body).toEqual(image.bytes)
      expect(first.headers.warning).toContain('did not answer in time')
      const second = await door.get(path)
      expect(second.headers.warning).toContain('it is being asked for anew')
      expect(cached.upstream.requests.filter(({ kind }) => kind === 'manifest-head')).toHaveLength(
        1,
      )
    },
  )

  it('end-3 serves nothing that is older than its owner allows', async () => {
    const project = await cached.cache({ staleIfError: 300 })
    const { repository } = await cached.image()
    const path = `/v2/${project}/${repository}/manifests/latest`
    await door.get(path)
    cached.upstream.fail('any', answer(500))
    door.clock.advance(5 * MINUTE)
    expect((await door.get(path)).status).toBe(200)
    door.clock.advance(2 * MINUTE)
    expect((await door.get(path)).status).toBe(503)
    expect(logged()).toEqual(['failing'])
  })

  it('end-3 refuses a manifest that is another than its digest says', async () => {
    const project = await cached.cache()
    const { repository, image } = await cached.image()
    cached.upstream.fail(
      'manifest-get',
      answer(200, { 'content-type': image.mediaType }, makeImage([noise(3)]).bytes),
    )
    const found = await door.get(`/v2/${project}/${repository}/manifests/${image.digest}`)
    expect(found.status).toBe(502)
    expect(logged()).toEqual(['lying'])
    cached.upstream.heal()
    const healed = await door.get(`/v2/${project}/${repository}/manifests/${image.digest}`)
    expect(healed.body).toEqual(image.bytes)
  })

  it('end-3 answers at once where the owner wants that, and has the new one for the next', async () => {
    const project = await cached.cache({ revalidate: 'behind' })
    const { repository, image } = await cached.image()
    const path = `/v2/${project}/${repository}/manifests/latest`
    await door.get(path)
    const next = makeImage([noise(10)])
    await putImage(cached.upstream.content, repository, 'latest', next)
    door.clock.advance(2 * MINUTE)
    const old = await door.get(path)
    expect(old.body).toEqual(image.bytes)
    expect(old.headers.age).toBe('120')
    await expect.poll(async () => (await door.get(path)).body).toEqual(next.bytes)
  })

  it('end-3 serves what a tag named before while what it names now is too new', async () => {
    const project = await cached.cache({ minimumTagAge: 3600 })
    const { repository, image } = await cached.image()
    const path = `/v2/${project}/${repository}/manifests/latest`
    await door.get(path)
    const next = makeImage([noise(10)])
    await putImage(cached.upstream.content, repository, 'latest', next)
    for (const _ of [1, 2, 3]) {
      door.clock.advance(10 * MINUTE)
      expect((await door.get(path)).body).toEqual(image.bytes)
    }
    door.clock.advance(60 * MINUTE)
    expect((await door.get(path)).body).toEqual(next.bytes)
  })

  it('end-3 reads nothing through that its owner does not allow', async () => {
    const project = await cached.cache({ allow: ['org/*'], deny: ['org/app-*'] })
    const { repository } = await cached.image()
    for (const name of [repository, 'other/app']) {
      const found = await door.get(`/v2/${project}/${name}/manifests/latest`)
      expect(found.status).toBe(403)
      expect(json(found)).toMatchObject({ errors: [{ code: 'DENIED' }] })
    }
    expect(cached.upstream.requests).toEqual([])
  })

  it('end-3 asks an upstream whose settings have changed, whatever became of it before', async () => {
    const project = await cached.cache()
    const { repository } = await cached.image()
    const path = `/v2/${project}/${repository}/manifests/latest`
    cached.upstream.fail('any', answer(429, { 'retry-after': '300' }))
    expect((await door.get(path)).status).toBe(429)
    expect(logged()).toEqual(['limited'])
    cached.upstream.heal()
    const settings = JSON.stringify({ spec: { concurrency: 3 } })
    const MERGE = { 'Content-Type': 'application/merge-patch+json' }
    const changed = await door.patch(`/apis/sluice.dev/v1/upstreams/${project}`, settings, MERGE)
    expect(changed.status).toBe(200)
    door.clock.advance(11_000)
    expect((await door.get(path)).status).toBe(200)
  })

  it('end-3 takes no pushes: they belong to projects of their own', async () => {
    const project = await cached.cache()
    const { image } = await cached.image()
    for (const asked of [
      door.put(`/v2/${project}/mine/manifests/latest`, image.bytes, {
        'Content-Type': image.mediaType,
      }),
      door.post(`/v2/${project}/mine/blobs/uploads/`),
      door.post(`/v2/${project}/mine/blobs/uploads/?mount=${image.digest}&from=default/app`),
    ]) {
      const found = await asked
      expect(found.status).toBe(403)
      expect(text(found)).toContain(`caches upstream ${project}`)
    }
  })

  it("end-3 finds an upstream by its names in ?ns=, and by nobody else's", async () => {
    const alias = 'alias.example'
    const project = await cached.cache({
      aliases: [alias, 'kelvin.example'],
      defaultPrefix: 'library',
    })
    const image = makeImage([noise(7)])
    await putImage(cached.upstream.content, 'library/nginx', 'latest', image)
    for (const ns of [project, alias, alias.toUpperCase()]) {
      const found = await door.get(`/v2/library/nginx/manifests/latest?ns=${ns}`)
      expect(found.status).toBe(200)
      expect(found.headers['oci-namespace']).toBe(ns)
      expect((await door.get(`/v2/nginx/manifests/latest?ns=${ns}`)).body).toEqual(image.bytes)
    }
    expect((await door.get(`/v2/${project}/nginx/manifests/latest`)).body).toEqual(image.bytes)
    expect(cached.upstream.requests).toHaveLength(1)
    const { host } = new URL(cached.upstream.url)
    for (const ns of [host, 'unknown.example', 'default', '../..', '\u212Aelvin.example']) {
      const found = await door.get(
        `/v2/library/nginx/manifests/latest?ns=${encodeURIComponent(ns)}`,
      )
      expect(found.status).toBe(404)
      expect(json(found)).toMatchObject({ errors: [{ code: 'NAME_UNKNOWN' }] })
    }
    expect(cached.upstream.requests).toHaveLength(1)
  })
})
