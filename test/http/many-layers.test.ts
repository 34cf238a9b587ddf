/** Manifests that name more blobs than one transaction can count. */
import { randomBytes } from 'node:crypto'
import { expect, inject, it } from 'vitest'
import { digestOf, type Digest } from '@sluice/core/digest'
import { OCI_MANIFEST } from '@sluice/core/media-type'
import type { RepositoryName } from '@sluice/core/repository-name'
import { describeDoors } from './describe-doors.ts'
import type { DoorUnderTest } from './door-under-test.ts'
import { LAYER, manifestBytes, putManifest, type Descriptor } from './push.ts'

const REPOSITORY = 'default/large' as RepositoryName

async function pushLayers(door: DoorUnderTest, count: number): Promise<readonly Descriptor[]> {
  const layers: Descriptor[] = []
  while (layers.length < count) {
    const some = Array.from({ length: Math.min(50, count - layers.length) }, () => randomBytes(20))
    await Promise.all(
      some.map(async (bytes) => {
        const digest = digestOf('sha256', bytes)
        const source = (async function* () {
          yield bytes
        })()
        await door.registry.uploads.push(REPOSITORY, digest, { source, start: 0, length: 20 })
        layers.push({ mediaType: LAYER, digest, size: 20 })
      }),
    )
  }
  return layers
}

/** How many manifests each of these blobs is counted for, in the order of the counts. */
async function references(
  door: DoorUnderTest,
  digests: readonly Digest[],
): Promise<readonly number[]> {
  const counts = new Set<number>()
  for (const digest of digests)
    counts.add((await door.registry.blobs.find(REPOSITORY, digest)).refs)
  return [...counts].toSorted((one, other) => one - other)
}

describeDoors('end-7 and end-9, manifests of very many layers', (door) => {
  // Over the cloud's engines 1,000 layers are two minutes of pushing.
  it.each(inject('engines') ? [150] : [150, 1000])(
    'put and delete a manifest of %i layers with all their counts',
    async (count) => {
      const layers = await pushLayers(door, count)
      const digests = layers.map((layer) => layer.digest)
      const whole = manifestBytes({ mediaType: OCI_MANIFEST, config: layers[0], layers })
      const half = manifestBytes({
        mediaType: OCI_MANIFEST,
        config: layers[0],
        layers: layers.slice(0, count / 2),
      })
      const path = '/v2/default/large/manifests/'

      expect((await putManifest(door, REPOSITORY, 'whole', whole)).status).toBe(201)
      expect(await references(door, digests)).toEqual([1])
      expect((await putManifest(door, REPOSITORY, 'half', half)).status).toBe(201)
      expect((await putManifest(door, REPOSITORY, 'whole', whole)).status).toBe(201)
      expect(await references(door, digests)).toEqual([1, 2])
      expect((await door.get(`${path}whole`)).body.equals(whole)).toBe(true)
      expect((await door.delete(`/v2/default/large/blobs/${digests[count - 1]}`)).status).toBe(405)

      expect((await door.delete(path + digestOf('sha256', whole))).status).toBe(202)
      expect(await references(door, digests)).toEqual([0, 1])
      expect((await door.delete(path + digestOf('sha256', half))).status).toBe(202)
      expect(await references(door, digests)).toEqual([0])
      expect((await door.registry.checker.check({ pause: 0 })).problems).toEqual([])
    },
    60_000,
  )

  it('end-7 refuses one of 150 layers that is missing, and counts nothing', async () => {
    const layers = await pushLayers(door, 149)
    const missing = { mediaType: LAYER, digest: `sha256:${'0'.repeat(64)}`, size: 20 }
    const bytes = manifestBytes({
      mediaType: OCI_MANIFEST,
      config: layers[0],
      layers: [...layers, missing],
    })
    expect((await putManifest(door, REPOSITORY, 'broken', bytes)).status).toBe(400)
    expect(
      await references(
        door,
        layers.map((layer) => layer.digest),
      ),
    ).toEqual([0])
  }, 60_000)

  it('end-7 refuses more references than a record can hold', async () => {
    const layers = Array.from({ length: 3500 }, () => ({
      mediaType: LAYER,
      digest: digestOf('sha512', randomBytes(8)),
      size: 1,
    }))
    const bytes = manifestBytes({ mediaType: OCI_MANIFEST, config: layers[0], layers })
    const answer = await putManifest(door, REPOSITORY, 'absurd', bytes)
    expect(answer.status).toBe(400)
    expect(answer.body.toString()).toContain('MANIFEST_INVALID')
  })
})
