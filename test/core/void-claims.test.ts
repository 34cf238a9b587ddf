/** Claims of a writer that was another process; registries over one table stand for two processes. */
import { FileBlobStore } from '@sluice/adapters/local/file-blob-store'
import type { Policy } from '@sluice/core/policy'
import type { Source } from '@sluice/core/ports/blob-store'
import { StorageError } from '@sluice/core/ports/storage-error'
import { createRegistry, type Registry } from '@sluice/core/registry'
import { expect, it } from 'vitest'
import { sourceOf } from '../contracts/sources.ts'
import { openTemporaryRegistry, type TemporaryRegistry } from '../temporary-registry.ts'
import { PROJECT, REPOSITORY } from './checker/pushed-registry.ts'

const chunkOf = (source: Source) => ({ source, start: undefined, length: undefined })

/** An upload whose writer, claimant `first`, has begun and goes on when it is told. */
async function openClaimed() {
  const opened = await openTemporaryRegistry()
  const { registry } = opened
  await registry.projects.create(PROJECT)
  const { id } = await registry.uploads.start(REPOSITORY)
  const { promise: go, resolve: goOn } = Promise.withResolvers<void>()
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const slow = (async function* (): Source {
    begin()
    await go
    yield Buffer.from('late')
  })()
  const late = again(opened, { claimant: 'first' }).uploads.append(REPOSITORY, id, chunkOf(slow))
  await begun
  const append = async (settings: Partial<Policy>): Promise<unknown> =>
    again(opened, settings).uploads.append(REPOSITORY, id, chunkOf(sourceOf('kept')))
  return { opened, id, late, goOn, append }
}

const again = ({ table, objects, clock }: TemporaryRegistry, settings: Partial<Policy>): Registry =>
  createRegistry({ table, store: new FileBlobStore(objects), clock }, settings)

it('a server that knows itself to be alone goes on at once where another process has died', async () => {
  const { opened, id, late, goOn, append } = await openClaimed()
  expect(await append({ claimant: 'second' })).toEqual({ id, offset: 4 })
  goOn()
  await expect(late).rejects.toMatchObject({ code: 'RANGE_INVALID' })
  expect(await opened.registry.uploads.status(REPOSITORY, id)).toEqual({ id, offset: 4 })
  await opened.close()
})

it.for([{}, { claimant: 'first' }])(
  'the claim of a living writer is honoured by its own process, and where there may be several (%j)',
  async (settings) => {
    const { opened, id, late, goOn, append } = await openClaimed()
    await expect(append(settings)).rejects.toMatchObject({ code: 'RANGE_INVALID' })
    goOn()
    expect(await late).toEqual({ id, offset: 4 })
    await opened.close()
  },
)

it('a cancel leaves nothing to the sweeper where the writer is dead', async () => {
  const { opened, id, late, goOn } = await openClaimed()
  await again(opened, { claimant: 'second' }).uploads.cancel(REPOSITORY, id)
  expect(await opened.table.get({ pk: `repo#${REPOSITORY}`, sk: `upload#${id}` })).toBeUndefined()
  goOn()
  await expect(late).rejects.toMatchObject({ code: 'RANGE_INVALID' })
  await opened.close()
})

it('a claim whose answer was lost is given back before the client hears of it', async () => {
  const opened = await openTemporaryRegistry()
  const { registry, table } = opened
  await registry.projects.create(PROJECT)
  const { id } = await registry.uploads.start(REPOSITORY)
  const transact = table.transact.bind(table)
  table.transact = async (writes) => {
    table.transact = transact
    await transact(writes)
    throw new StorageError('unavailable', 'the answer was lost', undefined)
  }
  const append = () => registry.uploads.append(REPOSITORY, id, chunkOf(sourceOf('kept')))
  await expect(append()).rejects.toThrow('the answer was lost')
  expect(await append()).toEqual({ id, offset: 4 })
  await opened.close()
})
