/** An image that is forgotten; and who may ask for what of a cache, under which names. */
import { parseDigest } from '@sluice/core/digest'
import { parseRepositoryName } from '@sluice/core/repository-name'
import { expect, it } from 'vitest'
import { digestOfBytes, makeImage, putImage } from '../../upstream/upstream-content.ts'
import { BINDINGS, binding, expectStatus, JSON_TYPE, wire } from '../apis/wire.ts'
import { describeDoors } from '../describe-doors.ts'
import { cacheRequests } from './cache-requests.ts'
import { noise } from './cached-upstream.ts'

const as = (user: string) => ({ 'Impersonate-User': user })

describeDoors('requests to a cache', (door) => {
  const { cached, ask, status, kinds, pull } = cacheRequests(door)

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
