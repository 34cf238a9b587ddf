import { OCI_INDEX } from '@sluice/core/media-type'
import type { ImagePlace } from '@sluice/core/services/images'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  openPushedRegistry,
  OTHER,
  pushBlob,
  pushManifest,
  REPOSITORY,
  type PushedRegistry,
} from './checker/pushed-registry.ts'

describe('the images of a registry', () => {
  let pushed: PushedRegistry
  let both: readonly string[]
  beforeEach(async () => {
    pushed = await openPushedRegistry()
    const { registry } = pushed
    const digests: string[] = []
    for (const repository of [OTHER, REPOSITORY]) {
      const config = await pushBlob(registry, repository, 'the config of both')
      const image = await pushManifest(registry, repository, { config, layers: [] }, ['both'])
      const index = await pushManifest(registry, repository, { manifests: [image] }, [], OCI_INDEX)
      digests.push(image.digest, index.digest)
    }
    both = digests.slice(0, 2)
  })
  afterEach(() => pushed.close())

  async function listAll(limit: number): Promise<string[]> {
    const all: string[] = []
    for (let after: ImagePlace | undefined; ;) {
      const { images, next } = await pushed.registry.images.list(limit, after)
      expect(images.length).toBeLessThanOrEqual(limit)
      all.push(...images.map(({ repository, digest }) => `${repository}@${digest}`))
      if (!next) return all
      after = next
    }
  }

  it('are listed once each, in pages of any size', async () => {
    const whole = await listAll(100)
    // Four of one repository, one of the other, and two of both.
    expect(whole).toHaveLength(7)
    expect(whole).toEqual(whole.toSorted())
    expect(whole).toEqual(expect.arrayContaining(both.map((digest) => `${REPOSITORY}@${digest}`)))
    for (const limit of [1, 2, 3]) expect(await listAll(limit)).toEqual(whole)
  })

  it('are found wherever they are, and removed everywhere', async () => {
    const { images, tags, checker } = pushed.registry
    const digest = pushed.image
    expect(await images.find(digest)).toMatchObject({ repository: REPOSITORY, digest })
    for (const one of both as (typeof digest)[]) {
      expect(await images.remove(one)).toBe(true)
      expect(await images.find(one)).toBeUndefined()
      expect(await images.remove(one)).toBe(false)
    }
    expect((await tags.list(OTHER, 10)).tags).toEqual(['only'])
    expect((await checker.check({ deep: true, pause: 0 })).problems).toEqual([])
  })
})
