import { StorageError } from '@sluice/core/ports/storage-error'
import { expect, it } from 'vitest'
import { OTHER, openPushedRegistry, pushBlob } from './checker/pushed-registry.ts'

const DAY = 86_400_000

it('a push of bytes that the registry has succeeds where there is no room to forget the upload', async () => {
  const pushed = await openPushedRegistry()
  const { registry, table, store, clock, layer } = pushed
  const transact = table.transact.bind(table)
  table.transact = async (writes) => {
    const [first] = writes
    const isLast = writes.length === 1 && first && 'delete' in first
    if (isLast) throw new StorageError('full', 'no room', undefined)
    return transact(writes)
  }
  await expect(pushBlob(registry, OTHER, 'layer')).resolves.toMatchObject({ digest: layer })
  table.transact = transact
  expect((await registry.checker.check({ pause: 0 })).problems).toEqual([])
  clock.advance(2 * DAY)
  expect((await registry.sweeper.sweep()).errors).toEqual([])
  expect(await store.listUploads(clock.now())).toEqual([])
  expect((await registry.checker.check({ pause: 0 })).problems).toEqual([])
  await pushed.close()
})
