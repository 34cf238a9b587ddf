import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SqliteTable } from '@sluice/adapters/local/sqlite-table'
import { TableQueue } from '@sluice/adapters/local/table-queue'
import {
  TableQueueWorker,
  type TableQueueWorkerOptions,
} from '@sluice/adapters/local/table-queue-worker'
import { StorageError } from '@sluice/core/ports/storage-error'
import type { Table } from '@sluice/core/ports/table'
import { MAX_DELIVERIES, type JobHandlers } from '@sluice/core/ports/queue'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { describeQueue } from '../../contracts/queue.ts'
import { settableClock } from '../../temporary-registry.ts'

const FIRST_PAUSE_MS = 4
const LOOK_MS = 2
const clock = { now: () => Date.now() }

const newDirectory = () => mkdtemp(join(tmpdir(), 'sluice-queue-'))

async function open(
  directory: string,
  handlers: JobHandlers,
  onFailure: TableQueueWorkerOptions['onFailure'] = () => undefined,
) {
  const table = await SqliteTable.open(join(directory, 'records.db'))
  const options = { table, clock, name: 'test', handlers, onFailure }
  const worker = new TableQueueWorker({ ...options, look: LOOK_MS, firstPause: FIRST_PAUSE_MS })
  const close = async () => {
    await worker.close()
    await table.close()
  }
  return { table, queue: new TableQueue(table, clock, 'test'), worker, close }
}

describeQueue('TableQueue, with its worker,', {
  open: async (handlers) => {
    const directory = await newDirectory()
    const { queue, worker, close } = await open(directory, handlers)
    return {
      queue,
      deadLetters: () => worker.deadLetters(),
      close: async () => {
        await close()
        await rm(directory, { recursive: true })
      },
    }
  },
  again: FIRST_PAUSE_MS * 2 ** MAX_DELIVERIES,
})

describe('TableQueue', () => {
  it('has what was not done after a restart: what waits, and what failed', async () => {
    const directory = await newDirectory()
    onTestFinished(() => rm(directory, { recursive: true }))
    const failed = vi.fn<() => void>()
    const before = await open(
      directory,
      {
        failing: async () => {
          throw new Error('no')
        },
        done: async () => undefined,
      },
      failed,
    )
    await before.queue.send({ kind: 'done' })
    await before.queue.send({ kind: 'failing' })
    await vi.waitFor(() => expect(failed).toHaveBeenCalled())
    await before.queue.send({ kind: 'later' }, { delay: 60_000 })
    await before.close()
    const came: string[] = []
    const note = async ({ kind }: { readonly kind: string }) => void came.push(kind)
    const after = await open(directory, { failing: note, done: note, later: note })
    onTestFinished(() => after.close())
    await vi.waitFor(() => expect(came).toEqual(['failing']))
    await expect
      .poll(async () => {
        const { records } = await after.table.query('queue#test', { limit: 10 })
        return records.map(({ item }) => item.text)
      })
      .toEqual(['{"kind":"later"}'])
  })

  it('says how many wait without a look at those that were given up', async () => {
    const directory = await newDirectory()
    onTestFinished(() => rm(directory, { recursive: true }))
    const table = await SqliteTable.open(join(directory, 'records.db'))
    onTestFinished(() => table.close())
    const asked: string[] = []
    const noting = new Proxy(table, {
      get: (of, name: keyof Table) =>
        name === 'query'
          ? (pk: string, query: Parameters<Table['query']>[1]) => {
              asked.push(pk)
              return of.query(pk, query)
            }
          : of[name].bind(of),
    })
    const queue = new TableQueue(noting, clock, 'test')
    await queue.send({ kind: 'one' })
    await queue.send({ kind: 'two' }, { delay: 60_000 })
    await table.transact([{ put: { pk: 'queue#test#dead', sk: 'three' }, item: { text: '{}' } }])
    expect(await queue.waiting()).toBe(2)
    expect(asked).toEqual(['queue#test'])
    expect(await queue.state()).toMatchObject({ waiting: 2, dead: 1 })
  })

  it('does no job twice that ends while its record is on the way to a look', async () => {
    const directory = await newDirectory()
    onTestFinished(() => rm(directory, { recursive: true }))
    const table = await SqliteTable.open(join(directory, 'records.db'))
    const ended = Promise.withResolvers<void>()
    const doing = Promise.withResolvers<void>()
    let looks = 0
    const slow: Pick<Table, 'query' | 'transact'> = {
      query: async (pk, query) => {
        const page = await table.query(pk, query)
        // The second look has read the record of the job under way, and hears of it when that is over.
        if (++looks === 2) {
          doing.resolve()
          await ended.promise
        }
        return page
      },
      transact: async (writes) => {
        const outcome = await table.transact(writes)
        // What waits for this goes first.
        setImmediate(() => ended.resolve())
        return outcome
      },
    }
    let done = 0
    const handlers = {
      once: async () => {
        done += 1
        await doing.promise
      },
    }
    await new TableQueue(table, clock, 'test').send({ kind: 'once' })
    const worker = new TableQueueWorker({
      table: slow,
      clock,
      name: 'test',
      handlers,
      onFailure: () => undefined,
      look: 1,
    })
    onTestFinished(async () => {
      await worker.close()
      await table.close()
    })
    await vi.waitFor(() => expect(looks).toBeGreaterThan(3))
    expect(done).toBe(1)
  })

  it('does no job again and again while nothing can be written, and none twice that was done', async () => {
    const directory = await newDirectory()
    onTestFinished(() => rm(directory, { recursive: true }))
    const table = await SqliteTable.open(join(directory, 'records.db'))
    const time = settableClock()
    let isFull = true
    let looks = 0
    const full: Pick<Table, 'query' | 'transact'> = {
      query: async (pk, query) => {
        looks += 1
        return table.query(pk, query)
      },
      transact: async (writes) => {
        if (isFull) throw new StorageError('full', 'no room', undefined)
        return table.transact(writes)
      },
    }
    const done: string[] = []
    const told: unknown[] = []
    const queue = new TableQueue(table, time, 'test')
    await queue.send({ kind: 'good' })
    await queue.send({ kind: 'bad' })
    const worker = new TableQueueWorker({
      table: full,
      clock: time,
      name: 'test',
      handlers: {
        good: async () => void done.push('good'),
        bad: async () => {
          done.push('bad')
          if (isFull) throw new Error('no')
        },
      },
      onFailure: (thrown) => void told.push(thrown),
      look: LOOK_MS,
    })
    onTestFinished(async () => {
      await worker.close()
      await table.close()
    })
    const looked = async (times: number) => {
      const until = looks + times
      await expect.poll(() => looks, { timeout: 20_000 }).toBeGreaterThan(until)
    }
    await looked(20)
    expect(done.toSorted()).toEqual(['bad', 'good'])
    // That the job failed, and that neither record could be written.
    expect(told).toHaveLength(3)
    isFull = false
    time.advance(60_000)
    await expect
      .poll(async () => (await table.query('queue#test', { limit: 9 })).records)
      .toEqual([])
    expect(done.toSorted()).toEqual(['bad', 'bad', 'good'])
  })

  it('closed, lets jobs under way finish', async () => {
    const directory = await newDirectory()
    onTestFinished(() => rm(directory, { recursive: true }))
    const { promise, resolve } = Promise.withResolvers<void>()
    let begun = 0
    let done = 0
    const { queue, close } = await open(directory, {
      slow: async () => {
        begun += 1
        await promise
        done += 1
      },
    })
    for (let at = 0; at < 20; at++) await queue.send({ kind: 'slow' })
    await vi.waitFor(() => expect(begun).toBe(16))
    const closing = close()
    resolve()
    await closing
    expect(done).toBe(16)
  })
})
