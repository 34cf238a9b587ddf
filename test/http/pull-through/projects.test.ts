import { ANONYMOUS } from '@sluice/core/ports/identity-provider'
import { parseRepositoryName } from '@sluice/core/repository-name'
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

  it('lets in nobody whom its owner has not let in, once its upstream is asked with credentials', async () => {
    const { upstreams, rights } = door.registry
    const credentials = { type: 'basic', secretName: 'robot' } as const
    const open = settingsOf(cached.upstream.url)
    const owner = { user: 'system:admin', groups: ['system:masters'] }
    const jane = { user: 'jane', groups: ['system:authenticated'] }
    const pullers = async (name: string): Promise<string[]> => {
      door.clock.advance(60_000)
      const admitted = []
      for (const by of [ANONYMOUS, jane]) {
        const repository = parseRepositoryName(`${name}/org/app`)
        if (await rights.mayPull(by, repository)) admitted.push(by.user)
      }
      return admitted
    }
    const changed = async (name: string, before: object): Promise<string[]> => {
      await upstreams.create(owner, undefined, { name, content: open }, { anyone: true })
      expect(await pullers(name)).toEqual([ANONYMOUS.user, jane.user])
      const path = `/apis/sluice.dev/v1/upstreams/${name}`
      const refused = JSON.stringify({ spec: { credentials, urls: ['nowhere'] } })
      expect((await door.patch(path, refused, MERGE)).status).toBe(422)
      const tried = JSON.stringify({ spec: { credentials } })
      expect((await door.patch(`${path}?dryRun=All`, tried, MERGE)).status).toBe(200)
      const other = JSON.stringify({ spec: before })
      expect((await door.patch(path, other, MERGE)).status).toBe(200)
      return pullers(name)
    }
    expect(await changed('speedy.example', { concurrency: 2 })).toHaveLength(2)
    expect(await changed('secret.example', { credentials })).toEqual([])
    expect(await changed('again.example', { concurrency: 2 })).toHaveLength(2)
    await upstreams.remove(owner, undefined, 'again.example')
    const content = { ...open, credentials }
    await upstreams.create(owner, undefined, { name: 'again.example', content })
    expect(await pullers('again.example')).toEqual([])
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
