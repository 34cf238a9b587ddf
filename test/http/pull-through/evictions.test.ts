import { OCI_INDEX } from '@sluice/core/media-type'
import type { RepositoryName } from '@sluice/core/repository-name'
import { expect, it } from 'vitest'
import {
  digestOfBytes,
  makeImage,
  makeIndex,
  makeManifest,
  putImage,
  type MadeImage,
} from '../../upstream/upstream-content.ts'
import { describeDoors } from '../describe-doors.ts'
import { pushImage } from '../push.ts'
import { CachedUpstream, noise } from './cached-upstream.ts'

const DAY = 86_400_000
const LAYER = 100_000

describeDoors('what is evicted from a project that caches an upstream', (door) => {
  const cached = new CachedUpstream(door)

  const pull = async (name: string, references: readonly string[]): Promise<void> => {
    for (const reference of references) {
      expect((await door.get(`/v2/${name}/manifests/${reference}`)).status).toBe(200)
    }
  }

  const pullWhole = async (name: string, reference: string, { layers }: MadeImage) => {
    await pull(name, [reference])
    for (const layer of layers) {
      const found = await door.get(`/v2/${name}/blobs/${digestOfBytes(layer)}`)
      expect(found.status).toBe(200)
    }
    await door.registry.fills.settled()
  }

  /** Which of the manifests are here. */
  const held = async (name: string, digests: readonly string[]): Promise<boolean[]> =>
    Promise.all(
      digests.map(async (digest) => {
        const reference = { digest: digest as never }
        const found = await door.registry.manifests.look(name as RepositoryName, reference)
        return found !== undefined
      }),
    )

  const isSound = async (): Promise<void> => {
    await door.registry.sweeper.sweep()
    const { problems } = await door.registry.checker.check({ pause: 0 })
    expect(problems).toEqual([])
  }

  it('is what nobody has pulled for longer than its owner wants to keep it', async () => {
    const project = await cached.cache({ evictAfter: 10 * 86_400, tagAges: [] })
    const [old, young] = [await cached.image(), await cached.image()]
    const names = [`${project}/${old.repository}`, `${project}/${young.repository}`] as const
    await pull(names[0], ['latest'])
    await pull(names[1], ['latest'])
    door.clock.advance(9 * DAY)
    await pull(names[1], ['latest'])
    expect(await door.registry.evictions.evict()).toEqual({ images: 0, bytes: 0 })
    door.clock.advance(2 * DAY)
    expect(await door.registry.evictions.evict()).toMatchObject({ images: 1 })
    expect(await held(names[0], [old.image.digest])).toEqual([false])
    expect(await held(names[1], [young.image.digest])).toEqual([true])
    door.clock.advance(2 * DAY)
    await isSound()
    // It comes again when somebody wants it.
    await pull(names[0], ['latest'])
  })

  it('is what was pulled longest ago while a cache has too many bytes', async () => {
    const project = await cached.cache({ evictAfter: 0, maxBytes: 2 * LAYER + 10_000 })
    const repository = `org/many-${project}`
    const name = `${project}/${repository}`
    const images: MadeImage[] = []
    for (let at = 0; at < 4; at++) {
      const image = makeImage([noise(LAYER)])
      images.push(image)
      await putImage(cached.upstream.content, repository, `v${at}`, image)
      await pullWhole(name, `v${at}`, image)
      door.clock.advance(2 * 3_600_000)
    }
    // The first was pulled again, so the second is the oldest.
    await pull(name, [images[0]!.digest])
    expect(await door.registry.evictions.evict()).toEqual({ images: 2, bytes: 2 * LAYER })
    const digests = images.map(({ digest }) => digest)
    expect(await held(name, digests)).toEqual([true, false, false, true])
    expect(await door.registry.evictions.evict()).toEqual({ images: 0, bytes: 0 })
    door.clock.advance(2 * DAY)
    await isSound()
  })

  it('takes what an index names and what refers to it along, and neither without it', async () => {
    const project = await cached.cache({ evictAfter: 86_400, tagAges: [] })
    const repository = `org/index-${project}`
    const name = `${project}/${repository}`
    const { content } = cached.upstream
    const [first, second, shared] = [1, 2, 3].map((size) => makeImage([noise(size)]))
    const index = makeIndex([first!, shared!])
    const other = makeIndex([second!, shared!])
    for (const image of [first!, second!, shared!]) {
      await putImage(content, repository, image.digest, image)
    }
    await content.putManifest(repository, 'one', index)
    await content.putManifest(repository, 'two', other)
    const signature = makeImage([noise(4)], {
      subject: { mediaType: index.mediaType, digest: index.digest, size: index.bytes.byteLength },
    })
    await putImage(content, repository, signature.digest, signature)
    await pull(name, ['one', 'two'])
    await pull(
      name,
      [first!, second!, shared!, signature].map(({ digest }) => digest),
    )
    door.clock.advance(DAY / 2)
    // One child keeps its whole image; the other image has nothing that was pulled.
    await pull(name, [second!.digest])
    door.clock.advance(DAY * 0.75)
    expect(await door.registry.evictions.evict()).toMatchObject({ images: 1 })
    const all = [index, first!, signature, other, second!, shared!].map(({ digest }) => digest)
    expect(await held(name, all)).toEqual([false, false, false, true, true, true])
    door.clock.advance(2 * DAY)
    await isSound()
  })

  it('goes on past an index whose body is lost', async () => {
    const project = await cached.cache({ evictAfter: 86_400, tagAges: [] })
    const [broken, sound] = [await cached.image(), await cached.image()]
    const { mediaType, digest, bytes } = broken.image
    const index = makeManifest(OCI_INDEX, {
      manifests: [{ mediaType, digest, size: bytes.byteLength }],
      annotations: { note: 'x'.repeat(400_000) },
    })
    await cached.upstream.content.putManifest(broken.repository, 'all', index)
    const names = [broken, sound].map(({ repository }) => `${project}/${repository}`)
    await pull(names[0]!, ['all'])
    await pull(names[1]!, ['latest'])
    const { store } = door.served.temporary
    const { objects } = await store.list({ limit: 1000 })
    for (const { key } of objects) if (key.startsWith('manifests/')) await store.delete(key)
    door.clock.advance(2 * DAY)
    await door.registry.evictions.evict()
    expect(await held(names[0]!, [index.digest])).toEqual([false])
    expect(await held(names[1]!, [sound.image.digest])).toEqual([false])
    door.clock.advance(2 * DAY)
    await isSound()
  })

  it('is nothing where its owner wants all to be kept, and nothing of other projects', async () => {
    const project = await cached.cache({ evictAfter: 0, maxBytes: 0 })
    const { repository, image } = await cached.image()
    const name = `${project}/${repository}`
    await pullWhole(name, 'latest', image)
    const own = await pushImage(door, 'default/own')
    door.clock.advance(1000 * DAY)
    await door.registry.evictions.evict()
    expect(await held(name, [image.digest])).toEqual([true])
    expect(await held('default/own', [own.digest])).toEqual([true])
  })
})
