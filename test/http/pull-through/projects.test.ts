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
