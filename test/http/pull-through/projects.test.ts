import { expect, it } from 'vitest'
import { expectStatus, JSON_TYPE, PROJECTS, wire } from '../apis/wire.ts'
import { describeDoors } from '../describe-doors.ts'
import { CachedUpstream, settingsOf } from './cached-upstream.ts'

const UPSTREAM = 'sluice.dev/upstream'
const MERGE = { 'Content-Type': 'application/merge-patch+json' }

describeDoors('the project of an upstream', (door) => {
  const cached = new CachedUpstream(door)

  const annotationsOf = async (name: string): Promise<Readonly<Record<string, string>>> => {
    const { metadata } = wire(await door.get(`${PROJECTS}/${name}`))
    return (metadata as { annotations?: Readonly<Record<string, string>> }).annotations ?? {}
  }
  const note = (name: string, annotations: object) =>
    door.patch(`${PROJECTS}/${name}`, JSON.stringify({ metadata: { annotations } }), MERGE)

  it('says which one it caches, and stays its cache whatever else is noted', async () => {
    const name = await cached.cache()
    expect((await annotationsOf(name))[UPSTREAM]).toBe(name)
    expect((await note(name, { note: 'ours' })).status).toBe(200)
    expect(await annotationsOf(name)).toMatchObject({ note: 'ours', [UPSTREAM]: name })
    // As a file says that was written without it.
    expect((await note(name, { [UPSTREAM]: null })).status).toBe(200)
    expect((await annotationsOf(name))[UPSTREAM]).toBe(name)
    const other = await note(name, { [UPSTREAM]: 'other.example' })
    expectStatus(other, 422, 'Invalid', /it is set by the upstream of that name/)
  })

  it('is read through as soon as it is there, whatever was known of upstreams before', async () => {
    const { repository, image } = await cached.image()
    const known = await cached.cache()
    const path = `/${repository}/manifests/latest`
    expect((await door.get(`/v2/${known}${path}`)).status).toBe(200)
    const content = settingsOf(cached.upstream.url)
    const owner = { user: 'system:admin', groups: ['system:masters'] }
    await door.registry.upstreams.create(owner, undefined, { name: 'new.example', content })
    const found = await door.get(`/v2/new.example${path}`)
    expect(found.headers['docker-content-digest']).toBe(image.digest)
    await door.registry.upstreams.create(owner, undefined, { name: 'newest.example', content })
    door.clock.advance(2000)
    expect((await door.get(`/v2${path}?ns=newest.example`)).status).toBe(200)
  })

  it('is closed to everybody when its upstream is given credentials, which might read more', async () => {
    const name = 'given-credentials.example'
    const owner = { user: 'system:admin', groups: ['system:masters'] }
    const { upstreams, projects, roleBindings } = door.registry
    const content = settingsOf(cached.upstream.url)
    await upstreams.create(owner, undefined, { name, content }, { anyone: true })
    const state = async () => ({
      public: (await projects.find(name as never))?.public,
      shared: (await roleBindings.get(name, 'pull-through')) !== undefined,
    })
    expect(await state()).toEqual({ public: true, shared: true })
    const path = `/apis/sluice.dev/v1/upstreams/${name}`
    const credentials = { type: 'basic', secretName: 'robot' }
    const set = (spec: object, more = '') =>
      door.patch(path + more, JSON.stringify({ spec }), MERGE)
    expect((await set({ credentials }, '?dryRun=All')).status).toBe(200)
    expect((await set({ credentials, missPolicy: 'never' })).status).toBe(422)
    expect((await set({ missPolicy: 'wait' })).status).toBe(200)
    expect(await state()).toEqual({ public: true, shared: true })
    expect((await set({ credentials })).status).toBe(200)
    expect(await state()).toEqual({ public: false, shared: false })
    // Whom its owner lets in after that, stays.
    await projects.change(name as never, { public: true })
    expect((await set({ missPolicy: 'stream' })).status).toBe(200)
    expect(await state()).toMatchObject({ public: true })
  })

  it('is there when an upstream that everybody knows is changed', async () => {
    const name = 'registry.k8s.io'
    expect((await door.get(`${PROJECTS}/${name}`)).status).toBe(404)
    const path = `/apis/sluice.dev/v1/upstreams/${name}`
    const set = (more = '') =>
      door.patch(path + more, JSON.stringify({ spec: { missPolicy: 'wait' } }), MERGE)
    expect((await set('?dryRun=All')).status).toBe(200)
    expect((await door.get(`${PROJECTS}/${name}`)).status).toBe(404)
    expect((await set()).status).toBe(200)
    expect((await annotationsOf(name))[UPSTREAM]).toBe(name)
  })

  it('is nothing that a project can be made to be', async () => {
    const object = { metadata: { name: 'false-cache', annotations: { [UPSTREAM]: 'docker.io' } } }
    const made = await door.post(PROJECTS, JSON.stringify(object), JSON_TYPE)
    expectStatus(made, 422, 'Invalid', /it is set by the upstream of that name/)
    const asked = PROJECTS.replace('projects', 'projectrequests')
    expect((await door.post(asked, JSON.stringify(object), JSON_TYPE)).status).toBe(201)
    expect(await annotationsOf('false-cache')).not.toHaveProperty(UPSTREAM)
    expectStatus(
      await note('default', { [UPSTREAM]: 'docker.io' }),
      422,
      'Invalid',
      /it is set by the upstream/,
    )
  })
})
