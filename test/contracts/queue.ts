/** What every queue promises (packages/core/src/ports/queue.ts). An adapter's test calls this and adds what only it can. */
import { JobLimitError, MAX_JOB_BYTES } from '@sluice/core/ports/job-text'
import { MAX_DELIVERIES, type Job, type JobHandlers, type Queue } from '@sluice/core/ports/queue'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'

export interface OpenQueue {
  readonly queue: Queue
  readonly deadLetters: () => Promise<number>
  readonly close: () => Promise<void>
}

export interface QueueUnderTest {
  /** An empty queue whose jobs these handlers do. */
  readonly open: (handlers: JobHandlers) => Promise<OpenQueue>
  /** Milliseconds within which a job that failed has certainly come again. */
  readonly again: number
}

const KINDS: readonly Job[] = [
  { kind: 'words' },
  { kind: 'words', text: 'ä 漢 😀 \u0000 \u2028 \uffff "\\', empty: '' },
  { kind: 'words', number: -1.5, most: Number.MAX_SAFE_INTEGER, yes: true, no: false },
  JSON.parse('{"kind":"words","__proto__":"x","constructor":"y"}') as Job,
]

export function describeQueue(name: string, { open, again }: QueueUnderTest): void {
  const opened = async (handlers: JobHandlers): Promise<OpenQueue> => {
    const queue = await open(handlers)
    onTestFinished(() => queue.close())
    return queue
  }
  /** Its jobs are kept, in the order in which they came. */
  const keeping = async () => {
    const came: Job[] = []
    const words = async (job: Job) => void came.push(job)
    return { came, ...(await opened({ words })) }
  }
  const eventually = (check: () => void | Promise<void>) =>
    vi.waitFor(check, { timeout: (MAX_DELIVERIES + 1) * again, interval: 10 })

  describe(`${name} is a queue`, () => {
    it.for(KINDS)('gives a job as it was sent: %j', async (job) => {
      const { queue, came } = await keeping()
      await queue.send(job)
      await eventually(() => expect(came).toHaveLength(1))
      expect(new Map(Object.entries(came[0]!))).toStrictEqual(new Map(Object.entries(job)))
    })

    it('gives each of many that were sent at once', async () => {
      const { queue, came } = await keeping()
      const sent = Array.from({ length: 50 }, (_, at) => at)
      await Promise.all(sent.map((at) => queue.send({ kind: 'words', at })))
      const numbers = () => new Set(came.map(({ at }) => at))
      await eventually(() => expect(numbers().size).toBe(50))
      expect(numbers()).toStrictEqual(new Set(sent))
    })

    it('gives a job that failed again, until it is done, and others meanwhile', async () => {
      const tries: string[] = []
      const { queue, deadLetters } = await opened({
        easy: async () => void tries.push('easy'),
        hard: async () => {
          tries.push('hard')
          if (tries.filter((kind) => kind === 'hard').length < 3) throw new Error('not yet')
        },
      })
      await queue.send({ kind: 'hard' })
      await queue.send({ kind: 'easy' })
      await eventually(() => expect(tries.filter((kind) => kind === 'hard')).toHaveLength(3))
      await sleep(again)
      expect(tries.toSorted()).toStrictEqual(['easy', 'hard', 'hard', 'hard'])
      expect(tries.indexOf('easy')).toBeLessThan(3)
      expect(await deadLetters()).toBe(0)
    })

    it('gives up a job that fails always, and puts it among the dead letters', async () => {
      let tries = 0
      const { queue, deadLetters } = await opened({
        doomed: async () => {
          tries += 1
          throw new Error('never')
        },
      })
      await queue.send({ kind: 'doomed' })
      await eventually(async () => expect(await deadLetters()).toBe(1))
      expect(tries).toBe(MAX_DELIVERIES)
      await sleep(again)
      expect(tries).toBe(MAX_DELIVERIES)
    })

    it('puts jobs of a kind that nobody knows there too', async () => {
      const { queue, came, deadLetters } = await keeping()
      for (const kind of ['unknown', 'constructor', '']) await queue.send({ kind })
      await eventually(async () => expect(await deadLetters()).toBe(3))
      expect(came).toStrictEqual([])
    })

    it('gives a job that is held back after those that are not', async () => {
      const { queue, came } = await keeping()
      await queue.send({ kind: 'words', at: 'later' }, { delay: 5000 })
      await queue.send({ kind: 'words', at: 'now' })
      await vi.waitFor(() => expect(came).toHaveLength(2), { timeout: 40_000, interval: 10 })
      expect(came.map(({ at }) => at)).toEqual(['now', 'later'])
    })

    it('refuses what is no job, or larger than one may be', async () => {
      const { queue, came } = await keeping()
      const empty = JSON.stringify({ kind: 'words', text: '' }).length
      const text = 'x'.repeat(MAX_JOB_BYTES - empty)
      const refused: readonly unknown[] = [
        { kind: 'words', text: `${text}x` },
        { kind: 'words', text: 'é'.repeat(MAX_JOB_BYTES / 2) },
        { kind: 'words', number: Number.NaN },
        { kind: 'words', list: [1] },
        { kind: 1 },
        {},
        null,
      ]
      for (const job of refused) {
        await expect(queue.send(job as Job)).rejects.toThrow(JobLimitError)
      }
      await queue.send({ kind: 'words', text })
      await eventually(() => expect(came).toStrictEqual([{ kind: 'words', text }]))
    })

    it('gives what a job was when it was sent', async () => {
      const { queue, came } = await keeping()
      const job = { kind: 'words', text: 'before' }
      const sending = queue.send(job)
      job.text = 'after'
      await sending
      await eventually(() => expect(came).toStrictEqual([{ kind: 'words', text: 'before' }]))
    })
  })
}
