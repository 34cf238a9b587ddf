import {
  MemoryQueue,
  type FailedDelivery,
  type MemoryQueueOptions,
} from '@sluice/adapters/local/memory-queue'
import { MAX_DELIVERIES, type JobHandlers } from '@sluice/core/ports/queue'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { describeQueue } from '../../contracts/queue.ts'

const FIRST_PAUSE_MS = 4

function open(handlers: JobHandlers, options: Partial<MemoryQueueOptions> = {}) {
  const failures: FailedDelivery[] = []
  const onFailure = (_: unknown, failed: FailedDelivery) => void failures.push(failed)
  const queue = new MemoryQueue({ handlers, onFailure, firstPause: FIRST_PAUSE_MS, ...options })
  return { queue, failures }
}

describeQueue('MemoryQueue', {
  open: async (handlers) => {
    const { queue } = open(handlers)
    return { queue, deadLetters: async () => queue.deadLetters, close: () => queue.close() }
  },
  again: FIRST_PAUSE_MS * 2 ** MAX_DELIVERIES,
})

/** A handler that waits until it is let go. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { open: resolve, handler: () => promise }
}

async function failing(): Promise<void> {
  throw new Error('no')
}

describe('MemoryQueue', () => {
  it('holds so many jobs, those under way and those that failed among them, and no more', async () => {
    const { open: letGo, handler } = gate()
    const { queue } = open({ waiting: handler, failing }, { maxHeld: 7, firstPause: 1e6 })
    onTestFinished(() => queue.close())
    await queue.send({ kind: 'failing' })
    for (let at = 0; at < 6; at++) await queue.send({ kind: 'waiting' })
    await expect(queue.send({ kind: 'waiting' })).rejects.toMatchObject({
      name: 'StorageError',
      reason: 'full',
    })
    letGo()
    await vi.waitFor(() => queue.send({ kind: 'waiting' }))
  })

  it('does a few jobs at once, not all', async () => {
    const { open: letGo, handler } = gate()
    let underWay = 0
    let most = 0
    const { queue } = open({
      slow: async () => {
        most = Math.max(most, ++underWay)
        await handler()
        underWay -= 1
      },
    })
    await Promise.all(Array.from({ length: 40 }, () => queue.send({ kind: 'slow' })))
    expect(most).toBe(4)
    letGo()
    await vi.waitFor(() => expect(underWay).toBe(0))
    expect(most).toBe(4)
    await queue.close()
  })

  it('waits longer before each further try, and tells of each', async () => {
    const at: number[] = []
    const { queue, failures } = open(
      {
        failing: async () => {
          at.push(performance.now())
          throw new Error('no')
        },
      },
      { firstPause: 20 },
    )
    await queue.send({ kind: 'failing' })
    await vi.waitFor(() => expect(queue.deadLetters).toBe(1), { timeout: 5000 })
    const pauses = at.slice(1).map((time, index) => time - at[index]!)
    for (const [index, pause] of pauses.entries()) {
      // Timers of Node may be a millisecond early.
      expect(pause).toBeGreaterThan(10 * 2 ** index - 2)
    }
    expect(failures).toStrictEqual(
      [1, 2, 3, 4, 5].map((delivery) => ({ kind: 'failing', delivery, isLast: delivery === 5 })),
    )
    await queue.close()
  })

  it('closed, lets jobs under way finish, and forgets and refuses all others', async () => {
    const { open: letGo, handler } = gate()
    let done = 0
    const { queue } = open({
      slow: async () => {
        await handler()
        done += 1
      },
    })
    for (let at = 0; at < 10; at++) await queue.send({ kind: 'slow' })
    const closing = queue.close()
    expect(await Promise.race([closing.then(() => 'closed'), sleep(10, 'waits')])).toBe('waits')
    letGo()
    await closing
    expect(done).toBe(4)
    await expect(queue.send({ kind: 'slow' })).rejects.toMatchObject({ reason: 'unavailable' })
  })

  it('closed, tries nothing again', async () => {
    const { open: letGo, handler } = gate()
    let tries = 0
    const { queue } = open({
      failing: async () => {
        tries += 1
        await handler()
        throw new Error('no')
      },
    })
    await queue.send({ kind: 'failing' })
    const closing = queue.close()
    letGo()
    await closing
    await sleep(5 * FIRST_PAUSE_MS)
    expect(tries).toBe(1)
  })
})
