/** The rows that say that a repository exists are everyone's: whoever writes them again stands in all others' way. */
import { catalogKey, repositoryKey } from '@sluice/core/records/keys'
import { expect, it } from 'vitest'
import { openTemporaryRegistry } from '../temporary-registry.ts'
import { PROJECT, pushBlob, pushManifest, REPOSITORY } from './checker/pushed-registry.ts'

it('are written with the first manifest, and by no later one', async () => {
  const opened = await openTemporaryRegistry()
  const { registry, table } = opened
  const rows = [repositoryKey(REPOSITORY), catalogKey(REPOSITORY)]
  const written: number[] = []
  const transact = table.transact.bind(table)
  table.transact = async (writes) => {
    const keys = writes.map((write) => JSON.stringify(Object.values(write)[0]))
    written.push(rows.filter((row) => keys.includes(JSON.stringify(row))).length)
    return transact(writes)
  }
  await registry.projects.create(PROJECT)
  const config = await pushBlob(registry, REPOSITORY, 'config')
  const push = async (name: string) => {
    written.length = 0
    const annotations = { name }
    await pushManifest(registry, REPOSITORY, { config, layers: [], annotations }, [name])
    return [...written]
  }
  expect(await push('first')).toEqual([2])
  expect(await push('second')).toEqual([0])
  await table.transact([{ delete: catalogKey(REPOSITORY) }])
  expect(await push('heals')).toEqual([1])
  expect((await registry.checker.check({ deep: true, pause: 0 })).problems).toEqual([])
  await opened.close()
})
