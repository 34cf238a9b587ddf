import { parseReference } from '@sluice/core/reference'
import { taggedKey } from '@sluice/core/records/keys'
import { expect, it } from 'vitest'
import { openPushedRegistry, pushManifest, REPOSITORY, tag } from './checker/pushed-registry.ts'

/** More than one transaction takes along with the manifest. */
const MANY_TAGS = 30

it('a tag that comes back while its manifest is removed does not outlive it', async () => {
  const pushed = await openPushedRegistry()
  const { registry, table, layer } = pushed
  const blob = { mediaType: 'application/octet-stream', digest: layer, size: 5 }
  const image = { config: blob, layers: [], annotations: { name: 'removed' } }
  const { digest } = await pushManifest(registry, REPOSITORY, image)
  for (let at = 0; at < MANY_TAGS; at++) {
    await pushManifest(registry, REPOSITORY, image, [`tag-${at}`])
  }
  // As two moves of one tag at once leave it: a row, and the tag is on another manifest.
  await table.transact([{ put: taggedKey(REPOSITORY, digest, tag('latest')), item: {} }])

  const transact = table.transact.bind(table)
  table.transact = async (writes) => {
    if (writes.length > 40) {
      table.transact = transact
      await pushManifest(registry, REPOSITORY, image, ['latest'])
    }
    return transact(writes)
  }
  await registry.manifests.remove(REPOSITORY, digest)
  await expect(registry.manifests.find(REPOSITORY, parseReference('latest'))).rejects.toMatchObject(
    { code: 'MANIFEST_UNKNOWN' },
  )
  expect((await registry.checker.check({ pause: 0 })).problems).toEqual([])
  await pushed.close()
})
