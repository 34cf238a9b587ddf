import { expect, it } from 'vitest'
import { answer } from '../../upstream/fault.ts'
import { digestOfBytes, makeImage, makeIndex, putImage } from '../../upstream/upstream-content.ts'
import { json, text, type Answer } from '../answer.ts'
import { BINDINGS, binding, JSON_TYPE } from '../apis/wire.ts'
import { describeDoors } from '../describe-doors.ts'
import { pushBlob } from '../push.ts'
import { CachedUpstream, noise } from './cached-upstream.ts'

const MINUTE = 60_000
const API = '/apis/image.openshift.io/v1/namespaces'

interface Wire {
  readonly status: {
    readonly images: readonly {
      readonly status: { readonly status: string; readonly message?: string }
      readonly image?: { readonly metadata: { readonly name: string } }
    }[]
  }
}

describeDoors('images of an upstream in a project of its own', (door) => {
  const cached = new CachedUpstream(door)

  const importInto = async (
    stream: string,
    tag: string,
    from: string,
    importPolicy: object = {},
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const image = { from: { kind: 'DockerImage', name: from }, to: { name: tag }, importPolicy }
    const body = { metadata: { name: stream }, spec: { import: true, images: [image] } }
    return door.post(`${API}/default/imagestreamimports`, JSON.stringify(body), {
      'Content-Type': 'application/json',
      ...headers,
    })
  }

  const imported = async (...asked: Parameters<typeof importInto>): Promise<string> => {
    const found = await importInto(...asked)
    expect(found.status).toBe(201)
    const [image] = (json(found) as Wire).status.images
    expect(image?.status).toEqual({ status: 'Success' })
    return image?.image?.metadata.name ?? ''
  }

  it('are imported by their manifest, and pulled through when somebody wants them', async () => {
    const upstream = await cached.cache()
    const { repository, image } = await cached.image([3000, 4000])
    const stream = `web-${upstream}`
    expect(await imported(stream, 'prod', `${upstream}/${repository}:latest`)).toBe(image.digest)
    expect(cached.upstream.requests.map(({ kind }) => kind)).toEqual(['manifest-get'])
    const name = `default/${stream}`
    expect((await door.get(`/v2/${name}/manifests/prod`)).body).toEqual(image.bytes)
    for (const bytes of [image.config, ...image.layers]) {
      const path = `/v2/${name}/blobs/${digestOfBytes(bytes)}`
      for (const _ of [1, 2]) expect((await door.get(path)).body.equals(bytes)).toBe(true)
    }
    expect(cached.upstream.count('blob-get')).toBe(3)
    await door.registry.fills.settled()
    // They stay, whatever becomes of the upstream, and of the time.
    cached.upstream.fail('any', answer(404))
    door.clock.advance(1000 * 86_400_000)
    const later = await door.get(`/v2/${name}/manifests/prod`)
    expect(later.body).toEqual(image.bytes)
    expect(later.headers.warning).toBeUndefined()
    await door.registry.evictions.evict()
    await door.registry.sweeper.sweep()
    const layer = `/v2/${name}/blobs/${digestOfBytes(image.layers[0]!)}`
    expect((await door.get(layer)).status).toBe(200)
    expect((await door.registry.checker.check({ pause: 0 })).problems).toEqual([])
  })

  it('come out of a cache for those alone who may pull from it', async () => {
    door.served.secrets.set('importing-robot', 'robot:s3cret')
    cached.upstream.login = { kind: 'token', user: 'robot', password: 's3cret' }
    const credentials = { type: 'basic', secretName: 'importing-robot' } as const
    const upstream = await cached.cache({ credentials })
    const { repository, image } = await cached.image()
    const bind = async (project: string, role: string) => {
      const path = BINDINGS.replace('/default/', `/${project}/`)
      const made = await door.post(
        path,
        JSON.stringify(binding('importers', role, 'alice')),
        JSON_TYPE,
      )
      expect(made.status).toBe(201)
      door.clock.advance(60_000)
    }
    const asAlice = async () => {
      const from = `${upstream}/${repository}:latest`
      const answered = await importInto('private', 'v1', from, {}, { 'Impersonate-User': 'alice' })
      expect(answered.status).toBe(201)
      return (json(answered) as Wire).status.images[0]
    }
    await bind('default', 'edit')
    expect((await asAlice())?.status).toMatchObject({
      status: 'Failure',
      message: `alice may not pull from project ${upstream}`,
    })
    expect(cached.upstream.requests).toEqual([])
    await bind(upstream, 'system:image-puller')
    expect((await asAlice())?.image?.metadata.name).toBe(image.digest)
  })

  it('are bound by the limits of their project, as what fills a cache is not', async () => {
    const upstream = await cached.cache()
    const { repository, image } = await cached.image([3000])
    const limit = async (project: string) => {
      const spec = {
        limits: [
          { type: 'openshift.io/Image', max: { storage: 2000 } },
          { type: 'openshift.io/ImageStream', max: { 'openshift.io/images': 0 } },
        ],
      }
      const body = JSON.stringify({ metadata: { name: 'limits' }, spec })
      const path = `/api/v1/namespaces/${project}/limitranges`
      expect((await door.post(path, body, { 'Content-Type': 'application/json' })).status).toBe(201)
    }
    const stream = `limited-${upstream}`
    const before = `before-${upstream}`
    await imported(before, 'v1', `${upstream}/${repository}:latest`, { scheduled: true })
    await limit('default')
    await limit(upstream)
    const refused = json(await importInto(stream, 'v1', `${upstream}/${repository}:latest`)) as Wire
    expect(refused.status.images[0]?.status).toMatchObject({
      message: expect.stringMatching(/per openshift.io\/Image \(\d+ > 2000\)/) as string,
    })
    expect((await door.get(`/v2/default/${stream}/tags/list`)).status).toBe(404)
    // What follows its upstream goes on, and so does what is only kept.
    const next = makeImage([noise(3500)])
    await putImage(cached.upstream.content, repository, 'latest', next)
    door.clock.advance(16 * MINUTE)
    for (const name of [
      `default/${before}/manifests/v1`,
      `${upstream}/${repository}/manifests/latest`,
    ]) {
      const path = `/v2/${name}`
      expect((await door.get(path)).headers['docker-content-digest']).toBe(next.digest)
    }
    const layer = digestOfBytes(next.layers[0]!)
    expect((await door.get(`/v2/${upstream}/${repository}/blobs/${layer}`)).status).toBe(200)
    expect(image.digest).not.toBe(next.digest)
    expect((await door.delete('/api/v1/namespaces/default/limitranges/limits')).status).toBe(200)
  })

  it('share no transfer with another repository, whose image may be for other people', async () => {
    const upstreams = [await cached.cache(), await cached.cache()]
    const { repository, image } = await cached.image([200_000])
    const streams = upstreams.map((upstream) => `of-${upstream}`)
    for (const [at, stream] of streams.entries()) {
      await imported(stream, 'prod', `${upstreams[at]}/${repository}:latest`)
    }
    const [layer] = image.layers
    const blob = (stream: string) =>
      door.get(`/v2/default/${stream}/blobs/${digestOfBytes(layer!)}`)
    cached.upstream.fail('blob-get', { kind: 'drip', bytes: 20_000, everyMs: 200 }, 1)
    const slow = blob(streams[0]!)
    await expect.poll(() => cached.upstream.count('blob-get'), { timeout: 10_000 }).toBe(1)
    expect((await blob(streams[1]!)).body.equals(layer!)).toBe(true)
    expect(cached.upstream.count('blob-get')).toBe(2)
    expect((await slow).body.equals(layer!)).toBe(true)
  })

  it('bring the images of an index one by one, as they are asked for', async () => {
    const upstream = await cached.cache()
    const [first, second] = [makeImage([noise(100)]), makeImage([noise(200)])]
    const index = makeIndex([first, second])
    for (const image of [first, second]) {
      await putImage(cached.upstream.content, 'org/multi', image.digest, image)
    }
    await cached.upstream.content.putManifest('org/multi', 'v1', index)
    const stream = `multi-${upstream}`
    expect(await imported(stream, 'v1', `${upstream}/org/multi:v1`)).toBe(index.digest)
    const child = await door.get(`/v2/default/${stream}/manifests/${second.digest}`)
    expect(child.body).toEqual(second.bytes)
    const layer = `/v2/default/${stream}/blobs/${digestOfBytes(second.layers[0]!)}`
    expect((await door.get(layer)).body.equals(second.layers[0]!)).toBe(true)
    expect(cached.upstream.count('manifest-get')).toBe(2)
    // What nobody imported is not had by its digest.
    const other = await cached.image()
    const unknown = await door.get(`/v2/default/${stream}/manifests/${other.image.digest}`)
    expect(unknown.status).toBe(404)
  })

  it('follow a tag where their owner wants that, and keep what they have when it goes', async () => {
    const upstream = await cached.cache()
    const { repository, image } = await cached.image()
    const stream = `follow-${upstream}`
    await imported(stream, 'prod', `${upstream}/${repository}`, { scheduled: true })
    const path = `/v2/default/${stream}/manifests/prod`
    const next = makeImage([noise(10)])
    await putImage(cached.upstream.content, repository, 'latest', next)
    door.clock.advance(14 * MINUTE)
    expect((await door.get(path)).body).toEqual(image.bytes)
    door.clock.advance(2 * MINUTE)
    expect((await door.get(path)).body).toEqual(next.bytes)
    cached.upstream.fail('any', answer(404))
    door.clock.advance(16 * MINUTE)
    const gone = await door.get(path)
    expect(gone.body).toEqual(next.bytes)
    expect(gone.headers.warning).toContain('no longer has it')
    const owner = { user: 'system:admin', groups: ['system:masters'] }
    await door.registry.upstreams.remove(owner, undefined, upstream)
    door.clock.advance(16 * MINUTE)
    const orphaned = await door.get(path)
    expect(orphaned.body).toEqual(next.bytes)
    expect(orphaned.headers.warning).toContain(`upstream ${upstream}, which is not configured`)
  })

  it('share no bytes with what was pushed there: a known digest is no right', async () => {
    const upstream = await cached.cache()
    const secret = await pushBlob(door, 'default/private')
    const lure = makeImage([Buffer.from(secret.bytes)])
    await cached.upstream.content.putBlob('org/lure', lure.config)
    await cached.upstream.content.putManifest('org/lure', 'v1', lure)
    const stream = `lure-${upstream}`
    await imported(stream, 'v1', `${upstream}/org/lure:v1`)
    const found = await door.get(`/v2/default/${stream}/blobs/${secret.digest}`)
    expect(found.status).not.toBe(200)
    door.served.failures.splice(0)
  })

  /** What became of an import that was not to succeed. */
  const refused = async (...asked: Parameters<typeof importInto>): Promise<string> => {
    const found = await importInto(...asked)
    expect(found.status).toBe(201)
    const [image] = (json(found) as Wire).status.images
    expect(image?.status.status).toBe('Failure')
    return image?.status.message ?? ''
  }

  it('are none that the owner of the upstream keeps from being read through', async () => {
    const upstream = await cached.cache({ deny: ['org/*'] })
    const { repository, image } = await cached.image()
    for (const reference of [':latest', `@${image.digest}`]) {
      const why = await refused(`denied-${upstream}`, 'v1', `${upstream}/${repository}${reference}`)
      expect(why).toContain(`is not read through for ${repository}`)
    }
    expect(cached.upstream.requests).toEqual([])
  })

  it('are not believed to be missing where another upstream lacked one of the name', async () => {
    const [first, second] = [await cached.cache(), await cached.cache()]
    const { repository, image } = await cached.image()
    const stream = `lacking-${first}`
    expect(await refused(stream, 'v1', `${first}/org/none:latest`)).toContain('no such tag')
    expect(await imported(stream, 'v1', `${second}/${repository}:latest`)).toBe(image.digest)
  })

  it('take the place of what the tag named before, however new they are', async () => {
    const upstream = await cached.cache({ minimumTagAge: 3600 })
    const [before, after] = [await cached.image(), await cached.image()]
    const stream = `moved-${upstream}`
    await imported(stream, 'v1', `${upstream}/${before.repository}:latest`)
    const digest = await imported(stream, 'v1', `${upstream}/${after.repository}:latest`)
    expect(digest).toBe(after.image.digest)
    const found = await door.get(`/v2/default/${stream}/manifests/v1`)
    expect(found.headers['docker-content-digest']).toBe(after.image.digest)
  })

  it('are refused from where nobody has configured, and what is no image', async () => {
    const upstream = await cached.cache()
    for (const [from, why] of [
      ['unknown.example/app:v1', 'unknown.example is no upstream here'],
      [`${new URL(cached.upstream.url).host}/app:v1`, 'is no upstream here'],
      [`${upstream}/org/app:-bad`, 'is no image'],
    ] as const) {
      const found = await importInto('refused', 'v1', from)
      expect(found.status).toBe(201)
      const [image] = (json(found) as Wire).status.images
      expect(image?.status.status).toBe('Failure')
      expect(image?.status.message).toContain(why)
    }
    expect(cached.upstream.requests).toEqual([])
    for (const spec of [
      {},
      { import: true },
      { import: true, images: [{ from: { kind: 'X' } }] },
    ]) {
      const body = JSON.stringify({ metadata: { name: 'refused' }, spec })
      const found = await door.post(`${API}/default/imagestreamimports`, body, {
        'Content-Type': 'application/json',
      })
      expect(found.status).toBe(400)
    }
    expect(text(await door.get('/v2/default/refused/tags/list'))).toContain('NAME_UNKNOWN')
  })
})
