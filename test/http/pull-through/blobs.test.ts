import { UpstreamError } from '@sluice/core/ports/upstream'
import { OCI_MANIFEST } from '@sluice/core/media-type'
import type { RepositoryName } from '@sluice/core/repository-name'
import { afterEach, describe, expect, it } from 'vitest'
import { answer, type Fault } from '../../upstream/fault.ts'
import { digestOfBytes, makeManifest, putImage } from '../../upstream/upstream-content.ts'
import { json, text, type Answer } from '../answer.ts'
import { JSON_TYPE } from '../apis/wire.ts'
import { describeDoors } from '../describe-doors.ts'
import { CachedUpstream } from './cached-upstream.ts'

const MEGABYTE = 1024 * 1024

/**
 * What a client has in the end, when it cannot have the blob: a status, or 'cut' where an answer had begun, of which nothing
 * more can be said than to end it before its end.
 */
async function outcomeOf(asked: Promise<Answer>, size: number): Promise<number | 'cut' | 'whole'> {
  const found = await asked.catch(() => undefined)
  if (!found) return 'cut'
  if (found.status !== 200) return found.status
  return found.body.byteLength < size ? 'cut' : 'whole'
}

describeDoors('end-2, blobs of a project that caches an upstream', (door) => {
  const cached = new CachedUpstream(door)

  /** Failures of the upstream are for the log. */
  const logged = (): string[] =>
    door.served.failures.splice(0).map((error) => {
      expect(error).toBeInstanceOf(UpstreamError)
      return (error as UpstreamError).reason
    })

  afterEach(async () => {
    await door.registry.fills.settled()
    const { problems } = await door.registry.checker.check({ deep: true, pause: 0 })
    // oxlint-disable-next-line vitest/no-standalone-expect -- said of each test
    expect(problems).toEqual([])
  })

  const pulled = async (
    sizes: readonly number[],
    more: Parameters<typeof cached.cache>[0] = {},
  ) => {
    const project = await cached.cache(more)
    const { repository, image } = await cached.image(sizes)
    const name = `${project}/${repository}`
    expect((await door.get(`/v2/${name}/manifests/latest`)).status).toBe(200)
    const layers = image.layers.map((bytes) => ({ bytes, digest: digestOfBytes(bytes) }))
    return { project, repository, name, image, layers }
  }

  const isStored = async (name: string, digest: string): Promise<boolean> => {
    await door.registry.fills.settled()
    const link = await door.registry.blobs.look(name as RepositoryName, digest as never)
    return link?.key !== undefined
  }

  it('end-2 gets a blob once, for however many ask at once, and then never again', async () => {
    const { name, image, layers } = await pulled([3 * MEGABYTE, 1000, 0])
    const wanted = [{ bytes: image.config, digest: digestOfBytes(image.config) }, ...layers]
    for (const _ of [1, 2]) {
      await Promise.all(
        wanted.flatMap(({ bytes, digest }) =>
          Array.from({ length: 20 }, async () => {
            const found = await door.get(`/v2/${name}/blobs/${digest}`)
            expect(found.status).toBe(200)
            expect(found.headers['content-length']).toBe(String(bytes.byteLength))
            expect(found.body.equals(bytes)).toBe(true)
          }),
        ),
      )
    }
    // The empty one needs no asking.
    expect(cached.upstream.count('blob-get')).toBe(3)
    expect(cached.upstream.count('blob-head')).toBe(0)
  })

  it('end-2 says how large a blob is that nobody has got yet, without getting it', async () => {
    const { name, layers } = await pulled([5000])
    const found = await door.head(`/v2/${name}/blobs/${layers[0]!.digest}`)
    expect(found.status).toBe(200)
    expect(found.headers['content-length']).toBe('5000')
    // Before a gateway that measures what it is sent, there is no other way to say a length than to send the bytes.
    expect(cached.upstream.count('blob-get')).toBe(door.buffers ? 1 : 0)
  })

  it('end-2 serves a range of a blob that is not here, and of one that is', async () => {
    const { name, layers } = await pulled([3 * MEGABYTE])
    const [{ bytes, digest } = { bytes: Buffer.of(), digest: '' }] = layers
    for (const [range, start, end] of [
      ['bytes=2000000-2000999', 2_000_000, 2_001_000],
      ['bytes=-5', bytes.byteLength - 5, bytes.byteLength],
      ['bytes=0-0', 0, 1],
    ] as const) {
      const found = await door.get(`/v2/${name}/blobs/${digest}`, { Range: range })
      expect(found.status).toBe(206)
      expect(found.body.equals(bytes.subarray(start, end))).toBe(true)
    }
    const beyond = await door.get(`/v2/${name}/blobs/${digest}`, { Range: 'bytes=99999999-' })
    expect(beyond.status).toBe(416)
    expect(cached.upstream.count('blob-get')).toBe(1)
  })

  it('end-2 asks the upstream about a blob that no manifest here names', async () => {
    const project = await cached.cache()
    const { repository, image } = await cached.image([2000])
    const digest = digestOfBytes(image.layers[0]!)
    const path = `/v2/${project}/${repository}/blobs/${digest}`
    expect((await door.head(path)).headers['content-length']).toBe('2000')
    expect((await door.get(path)).body.equals(image.layers[0]!)).toBe(true)
    const none = `/v2/${project}/${repository}/blobs/sha256:${'1'.repeat(64)}`
    for (const _ of [1, 2]) {
      const found = await door.get(none)
      expect(found.status).toBe(404)
      expect(json(found)).toMatchObject({ errors: [{ code: 'BLOB_UNKNOWN' }] })
    }
    expect(cached.upstream.requests.map(({ kind }) => kind)).toEqual([
      'blob-head',
      'blob-get',
      'blob-head',
    ])
  })

  it('end-2 shares the bytes among the repositories of a project, and with no other project', async () => {
    const { project, image, layers } = await pulled([4000])
    const other = await cached.cache()
    await putImage(cached.upstream.content, 'org/second', 'latest', image)
    const [{ bytes, digest } = { bytes: Buffer.of(), digest: '' }] = layers
    for (const name of [`${project}/org/second`, `${other}/org/second`]) {
      await door.get(`/v2/${name}/manifests/latest`)
      for (const _ of [1, 2]) {
        expect((await door.get(`/v2/${name}/blobs/${digest}`)).body.equals(bytes)).toBe(true)
      }
    }
    const first = cached.upstream.requests.filter(({ kind }) => kind === 'blob-get')
    // Nobody had got it under the first name.
    expect(first).toHaveLength(2)
    await door.get(
      `/v2/${project}/${cached.upstream.requests[0]!.url.split('/manifests')[0]!.slice(4)}/blobs/${digest}`,
    )
    expect(cached.upstream.count('blob-get')).toBe(2)
    // A known digest is no right.
    const elsewhere = await cached.cache()
    const found = await door.get(`/v2/${elsewhere}/org/unknown/blobs/${digest}`)
    expect(found.status).toBe(404)
  })

  it.each([10, 20, 30, 40, 50, 60, 70, 80, 90])(
    'end-2 goes on where a transfer was cut after %i %%',
    async (percent) => {
      const { name, layers } = await pulled([2 * MEGABYTE])
      const [{ bytes, digest } = { bytes: Buffer.of(), digest: '' }] = layers
      const after = Math.floor((bytes.byteLength * percent) / 100)
      cached.upstream.fail('blob-get', { kind: 'cut', after }, 1)
      const found = await door.get(`/v2/${name}/blobs/${digest}`)
      expect(found.status).toBe(200)
      expect(found.body.equals(bytes)).toBe(true)
      const ranges = cached.upstream.requests
        .filter(({ kind }) => kind === 'blob-get')
        .map(({ headers }) => headers.range)
      expect(ranges).toEqual([undefined, `bytes=${after}-`])
    },
  )

  it('end-2 goes on after a cut where the upstream knows no ranges', async () => {
    const { name, layers } = await pulled([2 * MEGABYTE])
    const [{ bytes, digest } = { bytes: Buffer.of(), digest: '' }] = layers
    cached.upstream.fail('blob-get', { kind: 'no-ranges' })
    cached.upstream.fail('blob-get', { kind: 'cut', after: MEGABYTE }, 1)
    expect((await door.get(`/v2/${name}/blobs/${digest}`)).body.equals(bytes)).toBe(true)
  })

  interface Failing {
    readonly what: string
    readonly fault: Fault
    /** Whoever asks is told of the upstream with `wait`, the seconds after which to ask again. */
    readonly outcome: number | 'cut'
    readonly wait?: string
  }
  const failing: readonly Failing[] = [
    // A door that buffers has no answer to cut short.
    {
      what: 'sends other bytes',
      fault: { kind: 'wrong-bytes' },
      outcome: door.buffers ? 500 : 'cut',
    },
    {
      what: 'says another length',
      fault: { kind: 'headers', headers: { 'content-length': '1999999' } },
      outcome: 502,
      wait: '30',
    },
    {
      what: 'has no such blob',
      fault: answer(404, JSON_TYPE, '{"errors":[{"code":"BLOB_UNKNOWN"}]}'),
      outcome: 404,
    },
    {
      what: 'answers with a page',
      fault: answer(200, { 'content-type': 'text/html' }, '<html/>'),
      outcome: 502,
      wait: '30',
    },
    { what: 'answers 401', fault: answer(401), outcome: 502, wait: '30' },
    { what: 'answers 403', fault: answer(403), outcome: 502, wait: '30' },
    { what: 'answers 429', fault: answer(429, { 'retry-after': '7' }), outcome: 429, wait: '7' },
    { what: 'answers 500', fault: answer(500), outcome: 503, wait: '5' },
    { what: 'cuts each transfer', fault: { kind: 'cut', after: 0 }, outcome: 503, wait: '5' },
  ]
  describe.each(failing)('while the upstream $what', ({ fault, outcome, wait }) => {
    it('end-2 never gives the bytes of another blob for it, nor keeps them', async () => {
      const { project, name, layers } = await pulled([2_000_000])
      const [{ bytes, digest } = { bytes: Buffer.of(), digest: '' }] = layers
      cached.upstream.fail('blob-get', fault)
      const asked = door.get(`/v2/${name}/blobs/${digest}`)
      expect(await outcomeOf(asked, bytes.byteLength)).toBe(outcome)
      const refused = outcome === 'cut' ? undefined : await asked
      expect(refused?.headers['retry-after']).toBe(wait)
      const isNamed = refused !== undefined && text(refused).includes(`upstream ${project} `)
      expect(isNamed).toBe(wait !== undefined)
      expect(await isStored(name, digest)).toBe(false)
      door.served.failures.splice(0)
      cached.upstream.heal()
      door.clock.advance(600_000)
      expect((await door.get(`/v2/${name}/blobs/${digest}`)).body.equals(bytes)).toBe(true)
    })
  })

  it('end-2 asks each repository for its own, whichever was asked first', async () => {
    const { project, name, image, layers } = await pulled([2_000_000])
    const [{ bytes, digest } = { bytes: Buffer.of(), digest: '' }] = layers
    const other = `org/other-${project}`
    await putImage(cached.upstream.content, other, 'latest', image)
    expect((await door.get(`/v2/${project}/${other}/manifests/latest`)).status).toBe(200)
    cached.upstream.fail('blob-get', { kind: 'cut', after: 1000 })
    expect(await outcomeOf(door.get(`/v2/${name}/blobs/${digest}`), 2_000_000)).not.toBe('whole')
    door.served.failures.splice(0)
    cached.upstream.heal()
    cached.upstream.forget()
    door.clock.advance(600_000)
    // It goes on with what has come, and needs nothing of where that came from.
    const found = await door.get(`/v2/${project}/${other}/blobs/${digest}`)
    expect(found.body.equals(bytes)).toBe(true)
    const asked = cached.upstream.requests.filter(({ kind }) => kind === 'blob-get')
    expect(asked.map(({ url, headers }) => [url, headers.range])).toEqual([
      [`/v2/${other}/blobs/${digest}`, 'bytes=4000-'],
    ])
  })

  it('end-2 gives nothing for a blob of which a manifest says that it is empty, and it is not', async () => {
    const { project, repository, name, image, layers } = await pulled([0])
    const { digest } = layers[0]!
    expect((await door.get(`/v2/${name}/blobs/${digest}`)).status).toBe(200)
    const mediaType = 'application/octet-stream'
    const empty = { mediaType, size: 0, digest: digestOfBytes(image.config) }
    const lie = makeManifest(OCI_MANIFEST, { config: empty, layers: [] })
    await cached.upstream.content.putManifest('org/lie', 'v1', lie)
    await cached.upstream.content.putBlob('org/lie', image.config)
    expect((await door.get(`/v2/${project}/org/lie/manifests/v1`)).status).toBe(200)
    expect((await door.get(`/v2/${project}/org/lie/blobs/${empty.digest}`)).status).toBe(502)
    expect(logged()).toEqual(['lying'])
    // Another repository has it, and says so.
    const found = await door.get(`/v2/${project}/${repository}/blobs/${empty.digest}`)
    expect(found.body.equals(image.config)).toBe(true)
  })

  it('end-2 serves a blob of which a first manifest said a wrong size, once another says the right one', async () => {
    const project = await cached.cache()
    const { repository, image } = await cached.image([3000])
    const bytes = image.layers[0]!
    const digest = digestOfBytes(bytes)
    const config = {
      mediaType: 'application/octet-stream',
      size: image.config.byteLength,
      digest: digestOfBytes(image.config),
    }
    const layer = { mediaType: 'application/octet-stream', size: 2999, digest }
    const wrong = makeManifest(OCI_MANIFEST, { config, layers: [layer] })
    await cached.upstream.content.putManifest(repository, 'wrong', wrong)
    const name = `${project}/${repository}`
    expect((await door.get(`/v2/${name}/manifests/wrong`)).status).toBe(200)
    expect((await door.get(`/v2/${name}/blobs/${digest}`)).status).toBe(502)
    expect(logged()).toEqual(['lying'])
    expect((await door.get(`/v2/${name}/manifests/latest`)).status).toBe(200)
    expect((await door.get(`/v2/${name}/blobs/${digest}`)).body.equals(bytes)).toBe(true)
  })

  it('end-2 serves what it has whatever becomes of the upstream', async () => {
    const { name, layers } = await pulled([3000, 4000])
    for (const { digest } of layers) await door.get(`/v2/${name}/blobs/${digest}`)
    cached.upstream.fail('any', { kind: 'cut' })
    door.clock.advance(3_600_000)
    for (const { bytes, digest } of layers) {
      expect((await door.get(`/v2/${name}/blobs/${digest}`)).body.equals(bytes)).toBe(true)
    }
  })

  it("end-2 sends a client to the upstream's own store where the owner wants that", async () => {
    const { name, layers } = await pulled([3000], { missPolicy: 'redirect' })
    const [{ bytes, digest } = { bytes: Buffer.of(), digest: '' }] = layers
    // Plain http and this machine are no place to send a client to: it gets the bytes here.
    cached.upstream.redirectsBlobs = true
    expect((await door.get(`/v2/${name}/blobs/${digest}`)).body.equals(bytes)).toBe(true)
    expect(await isStored(name, digest)).toBe(true)
  })

  it('end-2 answers once it has the whole where the owner wants that', async () => {
    const { name, layers } = await pulled([3000], { missPolicy: 'wait' })
    const [{ bytes, digest } = { bytes: Buffer.of(), digest: '' }] = layers
    expect((await door.get(`/v2/${name}/blobs/${digest}`)).body.equals(bytes)).toBe(true)
    expect(await isStored(name, digest)).toBe(true)
  })

  it('end-2 keeps what an image needs, and lets go what nothing names', async () => {
    const project = await cached.cache()
    const { repository, image } = await cached.image([2000])
    const name = `${project}/${repository}`
    const digest = digestOfBytes(image.layers[0]!)
    await door.get(`/v2/${name}/blobs/${digest}`)
    expect(await isStored(name, digest)).toBe(true)
    door.clock.advance(2 * 24 * 3_600_000)
    await door.registry.sweeper.sweep()
    expect(await isStored(name, digest)).toBe(false)
    await door.get(`/v2/${name}/manifests/latest`)
    await door.get(`/v2/${name}/blobs/${digest}`)
    door.clock.advance(2 * 24 * 3_600_000)
    await door.registry.sweeper.sweep()
    expect(await isStored(name, digest)).toBe(true)
  })

  it('end-2 needs a login where the upstream does, and shows its secret to nobody', async () => {
    const secret = 'robot:s3cret'
    door.served.secrets.set('up-robot', secret)
    cached.upstream.login = { kind: 'token', user: 'robot', password: 's3cret' }
    const { project, name, layers } = await pulled([3000], {
      credentials: { type: 'basic', secretName: 'up-robot' },
    })
    const [{ bytes, digest } = { bytes: Buffer.of(), digest: '' }] = layers
    expect((await door.get(`/v2/${name}/blobs/${digest}`)).body.equals(bytes)).toBe(true)
    expect(cached.upstream.count('token')).toBe(1)
    const shown = await door.get(`/apis/sluice.dev/v1/upstreams/${project}`)
    expect(shown.status).toBe(200)
    expect(text(shown)).toContain('up-robot')
    expect(text(shown)).not.toContain('s3cret')
    // What was fetched with a secret is nobody's whom its owner has not let in.
    const record = await door.registry.projects.find(project as never)
    expect(record?.public).toBe(false)
    const bindings = await door.registry.roleBindings.list(project, { limit: 100 })
    expect(bindings.objects.map(({ meta }) => meta.name)).not.toContain('pull-through')
    expect(logged()).toEqual([])
  })

  it('end-2 leaves no record of a transfer that nobody goes on with, nor of a token that is over', async () => {
    cached.upstream.login = { kind: 'token' }
    const { name, layers } = await pulled([2_000_000])
    cached.upstream.fail('blob-get', { kind: 'cut', after: 1000 })
    const path = `/v2/${name}/blobs/${layers[0]!.digest}`
    expect(await outcomeOf(door.get(path), 2_000_000)).not.toBe('whole')
    const left = async (): Promise<string[]> => {
      const pks: string[] = []
      const { table } = door.served.temporary
      for (let after: string | undefined; ;) {
        const page = await table.scan({ limit: 1000, ...(after === undefined ? {} : { after }) })
        pks.push(...page.records.map(({ pk }) => pk).filter((pk) => /^(fill|token)#/.test(pk)))
        if (page.next === undefined) return pks
        after = page.next
      }
    }
    expect((await left()).length).toBeGreaterThan(0)
    expect(cached.upstream.count('blob-get')).toBe(4)
    // Whoever asks next has what has come.
    cached.upstream.forget()
    expect(await outcomeOf(door.get(path), 2_000_000)).not.toBe('whole')
    expect(cached.upstream.requests.find(({ kind }) => kind === 'blob-get')?.headers.range).toBe(
      'bytes=4000-',
    )
    door.clock.advance(2 * 24 * 3_600_000)
    await expect
      .poll(async () => {
        await door.registry.sweeper.sweep()
        return left()
      })
      .toEqual([])
    door.served.failures.splice(0)
  })
})
