/** What is told never fails what was done, whatever fails of the telling. */
import { randomUUID } from 'node:crypto'
import { StorageError } from '@sluice/core/ports/storage-error'
import type { Table } from '@sluice/core/ports/table'
import { createRegistry } from '@sluice/core/registry'
import { parseRepositoryName } from '@sluice/core/repository-name'
import { WEBHOOK_DEFAULTS } from '@sluice/core/webhook/webhook-settings'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openTemporaryRegistry, type TemporaryRegistry } from '../temporary-registry.ts'

const OWNER = { user: 'system:admin', groups: ['system:masters'] }
const HOOK = { name: 'hook', content: { ...WEBHOOK_DEFAULTS, url: 'https://receiver.example' } }
const REPOSITORY = parseRepositoryName('default/app')
const PUSH = {
  kind: 'image',
  action: 'push',
  target: { what: 'tag', repository: REPOSITORY },
} as const
const FACTS = {
  id: randomUUID(),
  addr: '192.0.2.1',
  host: 'registry.test',
  method: 'PUT',
  userAgent: '',
  baseUrl: 'http://registry.test',
}

let temporary: TemporaryRegistry
beforeEach(async () => {
  temporary = await openTemporaryRegistry()
})
afterEach(() => temporary.close())

const broken = new StorageError('unavailable', 'it does not answer', undefined)

function telling(table: Table = temporary.table) {
  const lost: unknown[] = []
  const unread: unknown[] = []
  const registry = createRegistry({
    ...temporary,
    table,
    events: {
      queue: {
        send: async () => {
          throw broken
        },
      },
      freezes: true,
      addr: 'here',
      onLost: (event, why) => void lost.push([event.webhook, why]),
      onUnread: (why) => void unread.push(why),
    },
  })
  return { registry, lost, unread }
}

it('a queue that fails costs the event, and the log is told', async () => {
  const { registry, lost } = telling()
  await registry.webhooks.create(OWNER, undefined, HOOK)
  await registry.activities.note(PUSH, OWNER, () => FACTS)
  expect(lost).toEqual([['hook', broken]])
})

it('webhooks that cannot be read are those that were known, or none', async () => {
  let fails = true
  const failing: Table = {
    get: (key) => temporary.table.get(key),
    getMany: (keys) => temporary.table.getMany(keys),
    query: async (pk, query) => {
      if (fails) throw broken
      return temporary.table.query(pk, query)
    },
    transact: (writes) => temporary.table.transact(writes),
    scan: (page) => temporary.table.scan(page),
  }
  const { registry, lost, unread } = telling(failing)
  await registry.webhooks.create(OWNER, undefined, HOOK)
  const note = () => registry.activities.note(PUSH, OWNER, () => FACTS)
  await note()
  expect([lost.length, unread]).toEqual([0, [broken]])
  fails = false
  await note()
  fails = true
  temporary.clock.advance(10_000)
  await note()
  expect([lost.length, unread]).toEqual([2, [broken, broken]])
})

it('a registry that tells nobody makes no webhooks, and asks nothing of a request', async () => {
  const { webhooks, activities } = temporary.registry
  await expect(webhooks.create(OWNER, undefined, HOOK)).rejects.toThrow('sends no events')
  const noted = activities.note(PUSH, OWNER, () => {
    throw new Error('asked')
  })
  expect(noted).toBeUndefined()
})
