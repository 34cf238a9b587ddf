/** A put that sleeps for hours between its body and its records, in a process that was suspended say, and the sweeper. */
import type { Digest } from '@sluice/core/digest'
import { manifestKey } from '@sluice/core/records/keys'
import { expect, it } from 'vitest'
import { openTemporaryRegistry, type TemporaryRegistry } from '../temporary-registry.ts'
import { PROJECT, pushBlob, pushManifest, REPOSITORY } from './checker/pushed-registry.ts'

const HOURS = 2 * 3_600_000

/** Pushes a manifest whose body is an object; `asleep` happens once, before or after the body is written. */
async function pushSlowly(
  { registry, store, clock }: TemporaryRegistry,
  when: 'before' | 'after',
  asleep: () => Promise<unknown>,
): Promise<Digest> {
  await registry.projects.create(PROJECT)
  const config = await pushBlob(registry, REPOSITORY, 'config')
  const write = store.write.bind(store)
  store.write = async (...args) => {
    store.write = write
    const early = when === 'after' ? await write(...args) : undefined
    clock.advance(HOURS)
    await asleep()
    return early ?? write(...args)
  }
  const annotations = { large: 'x'.repeat(500_000) }
  return (await pushManifest(registry, REPOSITORY, { config, layers: [], annotations }, ['v1']))
    .digest
}

async function expectWhole({ registry, clock }: TemporaryRegistry, digest: Digest): Promise<void> {
  for (const _ of ['at once', 'and later']) {
    expect((await registry.checker.check({ deep: true, pause: 0 })).problems).toEqual([])
    const { record } = await registry.manifests.find(REPOSITORY, { digest })
    expect((await registry.manifests.body(record)).byteLength).toBe(record.size)
    clock.advance(2 * HOURS)
    expect((await registry.sweeper.sweep()).errors).toEqual([])
  }
}

it.for(['before', 'after'] as const)(
  'a put that the sweeper takes for dead %s it writes its body writes another',
  async (when) => {
    const opened = await openTemporaryRegistry()
    const digest = await pushSlowly(opened, when, () => opened.registry.sweeper.sweep())
    await expectWhole(opened, digest)
    await opened.close()
  },
)

it('a put keeps its body from a sweeper that has found no manifest and then sleeps itself', async () => {
  const opened = await openTemporaryRegistry()
  const { registry, table } = opened
  const { promise: looked, resolve: look } = Promise.withResolvers<void>()
  const { promise: put, resolve: wake } = Promise.withResolvers<void>()
  const get = table.get.bind(table)
  table.get = async (key) => {
    const item = await get(key)
    if (!key.sk.startsWith(manifestKey(REPOSITORY, 'sha256:' as Digest).sk)) return item
    table.get = get
    look()
    await put
    return item
  }
  let swept: Promise<unknown> | undefined
  const digest = await pushSlowly(opened, 'after', async () => {
    swept = registry.sweeper.sweep()
    await looked
  })
  wake()
  await swept
  await expectWhole(opened, digest)
  await opened.close()
})
