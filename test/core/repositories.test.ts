import { StorageError } from '@sluice/core/ports/storage-error'
import { RegistryError } from '@sluice/core/errors'
import { repositoryKey } from '@sluice/core/records/keys'
import { OCI_INDEX } from '@sluice/core/media-type'
import { parseReference } from '@sluice/core/reference'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  openPushedRegistry,
  OTHER,
  pushBlob,
  pushManifest,
  REPOSITORY,
  type PushedRegistry,
} from './checker/pushed-registry.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Of two at once the other one may have the repository. */
function whereRefused(error: unknown): void {
  const expected = error instanceof RegistryError && /^(UNAVAILABLE|NAME_UNKNOWN)$/.test(error.code)
  if (!expected) throw error
}

describe('the removal of a repository', () => {
  let pushed: PushedRegistry
  beforeEach(async () => {
    pushed = await openPushedRegistry()
  })
  afterEach(() => pushed.close())

  const listed = async () => (await pushed.registry.catalog.list('all', 10)).repositories
  const problems = async () =>
    (await pushed.registry.checker.check({ deep: true, pause: 0 })).problems
  const sweep = async () => {
    const swept = await pushed.registry.sweeper.sweep()
    expect(swept.errors).toEqual([])
    return swept
  }
  const pushAgain = async () => {
    const config = await pushBlob(pushed.registry, REPOSITORY, '{}')
    return pushManifest(pushed.registry, REPOSITORY, { config, layers: [] }, ['again'])
  }

  it('takes all tags and manifests, and nothing of another repository', async () => {
    const { registry, image, clock } = pushed
    expect(await registry.repositories.remove(REPOSITORY)).toBe(true)
    expect(await registry.repositories.find(REPOSITORY)).toBeUndefined()
    expect(await listed()).toEqual([OTHER])
    for (const reference of [image, 'latest']) {
      const asked = registry.manifests.find(REPOSITORY, parseReference(reference))
      await expect(asked).rejects.toMatchObject({ code: 'NAME_UNKNOWN' })
    }
    expect(await registry.manifests.find(OTHER, parseReference('only'))).toBeDefined()
    await expect(registry.repositories.remove(REPOSITORY)).rejects.toMatchObject({
      code: 'NAME_UNKNOWN',
    })
    expect(await problems()).toEqual([])
    clock.advance(25 * HOUR)
    // Config, layer of sha512, spare, and one that was removed before; the other layer is the other repository's as well.
    expect((await sweep()).blobs).toBe(4)
    expect(await problems()).toEqual([])
  })

  it('goes on where it was ended, and takes no manifest meanwhile', async () => {
    const { registry } = pushed
    let steps = 0
    expect(await registry.repositories.remove(REPOSITORY, () => ++steps === 1)).toBe(false)
    expect((await registry.repositories.find(REPOSITORY))?.removingSince).toBe(pushed.clock.now())
    expect((await registry.tags.list(REPOSITORY, 10)).tags).toEqual([])
    expect(await problems()).toEqual([])
    await expect(pushAgain()).rejects.toMatchObject({ code: 'UNAVAILABLE', retryAfter: 5 })
    expect(await registry.repositories.remove(REPOSITORY)).toBe(true)
    await pushAgain()
    expect(await listed()).toEqual([REPOSITORY, OTHER])
  })

  it('is ended by the sweeper where nobody goes on', async () => {
    const { registry, clock } = pushed
    await registry.repositories.remove(REPOSITORY, () => true)
    expect(await listed()).toEqual([REPOSITORY, OTHER])
    clock.advance(2 * MINUTE)
    await sweep()
    expect(await listed()).toEqual([OTHER])
    expect(await problems()).toEqual([])
    await pushAgain()
    clock.advance(2 * HOUR)
    await sweep()
    expect(await listed()).toEqual([REPOSITORY, OTHER])
  })

  it('that meets a push which saw the repository before leaves its image in the lists', async () => {
    const { registry, table, clock } = pushed
    const transact = table.transact.bind(table)
    table.transact = async (writes) => {
      table.transact = transact
      await registry.repositories.remove(REPOSITORY)
      return transact(writes)
    }
    const { digest } = await pushManifest(registry, REPOSITORY, { manifests: [] }, [], OCI_INDEX)
    expect(await table.get(repositoryKey(REPOSITORY))).toBeUndefined()
    expect(await registry.manifests.find(REPOSITORY, { digest })).toBeDefined()
    clock.advance(2 * HOUR)
    await sweep()
    expect(await listed()).toEqual([REPOSITORY, OTHER])
    expect(await problems()).toEqual([])
  })

  it('takes more tags than a transaction, step by step', async () => {
    const { registry, layer } = pushed
    const image = { config: { mediaType: 'a/b', digest: layer, size: 5 }, layers: [] }
    for (let at = 0; at < 120; at++) await pushManifest(registry, REPOSITORY, image, [`t${at}`])
    let steps = 0
    await registry.repositories.remove(REPOSITORY, () => ++steps === 3)
    expect((await registry.manifests.find(REPOSITORY, { digest: pushed.image })).digest).toBe(
      pushed.image,
    )
    await expect(registry.tags.list(REPOSITORY, 10)).resolves.toEqual({ tags: [], more: false })
    expect(await registry.repositories.remove(REPOSITORY)).toBe(true)
    expect(await problems()).toEqual([])
  })
})

describe.each(['before', 'after'] as const)('a removal that dies, %s a write is done', (when) => {
  it('leaves nothing wrong at any of its writes, and is ended by the sweeper', async () => {
    for (let dies = 0, done = false; !done; dies++) {
      const opened = await openPushedRegistry()
      const { registry, table, clock } = opened
      const problems = async () => (await registry.checker.check({ pause: 0 })).problems
      const transact = table.transact.bind(table)
      let writes = 0
      table.transact = async (all) => {
        if (writes++ !== dies) return transact(all)
        if (when === 'after') await transact(all)
        throw new StorageError('unavailable', 'the plug was pulled', undefined)
      }
      done = await registry.repositories.remove(REPOSITORY).catch((error: unknown) => {
        if (error instanceof StorageError) return false
        throw error
      })
      table.transact = transact
      expect(await problems()).toEqual([])
      clock.advance(2 * MINUTE)
      expect((await registry.sweeper.sweep()).errors).toEqual([])
      // Without its first write it has not begun.
      const begun = dies > 0 || when === 'after'
      expect((await registry.repositories.find(REPOSITORY)) === undefined).toBe(begun)
      expect(await problems()).toEqual([])
      await opened.close()
    }
  })
})

it('removals and pushes at once leave nothing wrong, and what was pushed last', async () => {
  const opened = await openPushedRegistry()
  const { registry, layer, clock } = opened
  const config = { mediaType: 'application/octet-stream', digest: layer, size: 5 }
  const push = (name: string) =>
    pushManifest(registry, REPOSITORY, { config, layers: [], annotations: { name } }, [name])
  await Promise.all([
    ...Array.from({ length: 3 }, () =>
      registry.repositories.remove(REPOSITORY).catch(whereRefused),
    ),
    ...Array.from({ length: 20 }, (_, at) => push(`t${at}`).catch(whereRefused)),
  ])
  await push('last')
  expect((await registry.tags.list(REPOSITORY, 100)).tags).toContain('last')
  clock.advance(2 * HOUR)
  expect((await registry.sweeper.sweep()).errors).toEqual([])
  expect((await registry.tags.list(REPOSITORY, 100)).tags).toContain('last')
  expect((await registry.checker.check({ deep: true, pause: 0 })).problems).toEqual([])
  await opened.close()
})
