import { parseRepositoryName } from '@sluice/core/repository-name'
import { expect, it } from 'vitest'
import { hang } from '../../upstream/fault.ts'
import { makeImage, putImage } from '../../upstream/upstream-content.ts'
import { expectStatus, wire, type Wire } from '../apis/wire.ts'
import { describeDoors } from '../describe-doors.ts'
import { CachedUpstream, noise } from './cached-upstream.ts'

const API = '/apis/image.openshift.io/v1'

describeDoors('image streams of a project that caches an upstream', (door) => {
  const cached = new CachedUpstream(door)

  /** Two tags of one image and one of another, all pulled. */
  const pulled = async () => {
    const project = await cached.cache()
    const { repository, image } = await cached.image([1000], 'v1')
    const other = makeImage([noise(10)])
    await putImage(cached.upstream.content, repository, 'v2', image)
    await putImage(cached.upstream.content, repository, 'v3', other)
    await putImage(cached.upstream.content, repository, 'never-pulled', other)
    const pull = async (tag: string) =>
      (await door.get(`/v2/${project}/${repository}/manifests/${tag}`)).status
    for (const tag of ['v1', 'v2', 'v3']) expect(await pull(tag)).toBe(200)
    const requests = cached.upstream.requests.length
    const within = `${API}/namespaces/${project}`
    return { project, repository, image, other, pull, requests, within }
  }
  const namesIn = async (path: string): Promise<readonly string[]> =>
    wire(await door.get(path)).items.map(({ metadata }: Wire) => metadata.name)

  it('are what was pulled, and nobody is asked for them', async () => {
    const { project, repository, image, other, requests, within } = await pulled()
    cached.upstream.fail('any', hang)
    expect(await namesIn(`${within}/imagestreams`)).toEqual([repository])
    const stream = wire(await door.get(`${within}/imagestreams/${repository}`))
    expect(stream.metadata).toMatchObject({ name: repository, namespace: project })
    expect(stream.status).toMatchObject({
      tags: [
        { tag: 'v1', items: [{ image: image.digest }] },
        { tag: 'v2', items: [{ image: image.digest }] },
        { tag: 'v3', items: [{ image: other.digest }] },
      ],
    })
    expect(await namesIn(`${within}/imagestreamtags`)).toEqual(
      ['v1', 'v2', 'v3'].map((tag) => `${repository}:${tag}`),
    )
    const tag = wire(await door.get(`${within}/imagestreamtags/${repository}:v1`))
    expect(tag['image']).toMatchObject({
      metadata: { name: image.digest },
      dockerImageReference: expect.stringContaining(
        `/${project}/${repository}@${image.digest}`,
      ) as string,
    })
    const never = await door.get(`${within}/imagestreamtags/${repository}:never-pulled`)
    expectStatus(never, 404, 'NotFound', /not found/)
    const one = await door.get(`${within}/imagestreamimages/${repository}@${image.digest}`)
    expect(one.status).toBe(200)
    expect(await namesIn(`${API}/images`)).toEqual(
      expect.arrayContaining([image.digest, other.digest]),
    )
    expect(cached.upstream.requests).toHaveLength(requests)
  })

  it('are purged by their deletion, and come again when they are asked for', async () => {
    const { project, repository, image, pull, requests, within } = await pulled()
    const remove = (path: string) => door.delete(`${within}/${path}`)
    expect((await remove(`imagestreamtags/${repository}:v1`)).status).toBe(200)
    expect(await namesIn(`${within}/imagestreamtags`)).toEqual([
      `${repository}:v2`,
      `${repository}:v3`,
    ])
    expect(cached.upstream.requests).toHaveLength(requests)
    expect(await pull('v1')).toBe(200)
    expect(cached.upstream.requests).toHaveLength(requests + 1)
    // With an image its manifest goes, from wherever it is.
    expect((await door.delete(`${API}/images/${image.digest}`)).status).toBe(200)
    expect(await namesIn(`${within}/imagestreamtags`)).toEqual([`${repository}:v3`])
    expect((await remove(`imagestreams/${repository}`)).status).toBe(200)
    expect(await namesIn(`${within}/imagestreams`)).toEqual([])
    const gone = await remove(`imagestreams/${repository}`)
    expectStatus(gone, 404, 'NotFound', /not found/)
    expect(cached.upstream.requests).toHaveLength(requests + 1)
    for (const tag of ['v1', 'v2', 'v3']) expect(await pull(tag)).toBe(200)
    expect(cached.upstream.requests).toHaveLength(requests + 4)
    const { problems } = await door.registry.checker.check({ deep: true, pause: 0 })
    expect(problems).toEqual([])
    const name = parseRepositoryName(`${project}/${repository}`)
    expect((await door.registry.repositories.find(name))?.removingSince).toBeUndefined()
  })
})
