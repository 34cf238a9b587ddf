import { RegistryError } from '@sluice/core/errors'
import { StorageError } from '@sluice/core/ports/storage-error'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openPushedRegistry, pushBlob, pushManifest, REPOSITORY } from './pushed-registry.ts'
import type { PushedRegistry } from './pushed-registry.ts'

const MANY = 150
const GRACE = 86_400_000

describe('a check of what the services made', () => {
  let pushed: PushedRegistry
  beforeEach(async () => {
    pushed = await openPushedRegistry()
  })
  afterEach(() => pushed.close())

  const problems = async () =>
    (await pushed.registry.checker.check({ deep: true, pause: 0 })).problems

  const pushMany = async () => {
    const { registry } = pushed
    const layers = []
    for (let at = 0; at < MANY; at++) {
      layers.push(await pushBlob(registry, REPOSITORY, `layer ${at}`))
    }
    return pushManifest(registry, REPOSITORY, { config: layers[0], layers }, ['many'])
  }

  it('finds nothing wrong, and says how much it saw', async () => {
    const checked = await pushed.registry.checker.check({ deep: true, pause: 0 })
    expect(checked.problems).toEqual([])
    expect(checked).toMatchObject({ repositories: 2, blobs: 5, objects: 6 })
  })

  it('finds nothing wrong in a manifest of very many blobs, before and after its delete', async () => {
    const { registry, clock } = pushed
    const { digest } = await pushMany()
    expect(await problems()).toEqual([])
    await registry.manifests.remove(REPOSITORY, digest)
    expect(await problems()).toEqual([])
    clock.advance(2 * GRACE)
    expect((await registry.sweeper.sweep()).errors).toEqual([])
    expect(await problems()).toEqual([])
  })

  it('finds nothing wrong at any moment of such a push and its delete', async () => {
    const { registry, table } = pushed
    const found: unknown[] = []
    let checking = false
    const transact = table.transact.bind(table)
    table.transact = async (writes) => {
      const outcome = await transact(writes)
      if (checking || writes.length < 20) return outcome
      checking = true
      const { problems } = await registry.checker.check({ pause: 0 })
      found.push(problems)
      checking = false
      return outcome
    }
    const { digest } = await pushMany()
    await registry.manifests.remove(REPOSITORY, digest)
    expect(found).toEqual(found.map(() => []))
    expect(found.length).toBeGreaterThan(3)
  })

  it('stays quiet while pushes, deletes and sweeps go on', async () => {
    const { registry, clock } = pushed
    const work = { done: false }
    const once = async (name: string, at: number) => {
      const config = await pushBlob(registry, REPOSITORY, `${name} ${at}`)
      const { digest } = await pushManifest(registry, REPOSITORY, { config, layers: [] }, [name])
      await registry.manifests.remove(REPOSITORY, digest)
      clock.advance(GRACE / 2)
      await registry.sweeper.sweep()
    }
    const goOn = async (name: string) => {
      for (let at = 0; !work.done; at++) await once(name, at).catch(unlessSwept)
    }
    const workers = ['one', 'two', 'three'].map(goOn)
    const found = []
    for (let at = 0; at < 15; at++) {
      found.push(...(await registry.checker.check({ pause: 20, repair: true })).repaired)
    }
    work.done = true
    await Promise.all(workers)
    expect(found).toEqual([])
    expect(await problems()).toEqual([])
  })
})

/** Time runs so fast here that the grace of a blob, or of its upload, may be over before what comes next. */
function unlessSwept(error: unknown): void {
  if (error instanceof RegistryError && error.code === 'MANIFEST_BLOB_UNKNOWN') return
  if (
    error instanceof StorageError &&
    /^the \d+ bytes of the upload to .* are gone$/.test(error.message)
  )
    return
  throw error
}
