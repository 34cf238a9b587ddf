import { digestOf } from '@sluice/core/digest'
import { newObjectKey } from '@sluice/core/records/keys'
import { putSweep } from '@sluice/core/records/sweep-record'
import type { RepositoryName } from '@sluice/core/repository-name'
import { expect, it } from 'vitest'
import { sourceOf } from '../contracts/sources.ts'
import { openTemporaryRegistry } from '../temporary-registry.ts'

const HOUR = 3_600_000

it('the sweeper removes the half-written body of a manifest whose push died', async () => {
  const opened = await openTemporaryRegistry()
  const { registry, table, store, clock } = opened
  const key = newObjectKey('manifests')
  const repository = 'team/app' as RepositoryName
  const digest = digestOf('sha256', Buffer.from('a body'))
  await table.transact([putSweep(clock.now(), { kind: 'body', repository, digest, key })])
  await store.append(await store.open(key), sourceOf('a bo'))
  clock.advance(HOUR)
  expect((await registry.sweeper.sweep()).errors).toEqual([])
  expect(await store.listUploads(clock.now())).toEqual([])
  await opened.close()
})
