/**
 * The one meter of a process that has several threads. Each counts by itself; whichever is asked has this one gather from all
 * of them first, so that its answer is exact.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { expose, type Exposition, type ScrapeWish } from './expose.ts'
import type { Meter } from './meter.ts'
import type { Readings } from './readings.ts'

/** From another thread: what it is asked for in its turn, or what it was asked. */
export type ThreadMessage =
  { readonly id: number; readonly wish: ScrapeWish } | { readonly taken: Readings }

export type MeterMessage =
  | 'take'
  | { readonly id: number; readonly exposition: Exposition }
  | { readonly id: number; readonly failure: string }

interface Thread {
  readonly port: MessagePort
  /** Those who wait for its readings, in order. */
  readonly waiting: (() => void)[]
}

export class WholeMeter {
  readonly meter: Meter
  readonly #refresh: (() => void | Promise<void>)[] = []
  readonly #threads = new Set<Thread>()

  constructor(meter: Meter) {
    this.meter = meter
  }

  /** Called before each exposition, for what is read and not counted. */
  beforeExposing(refresh: () => void | Promise<void>): void {
    this.#refresh.push(refresh)
  }

  /** For one more thread, which gets the port transferred and gives it to `JoinedMeter`. */
  join(): MessagePort {
    const { port1, port2 } = new MessageChannel()
    const thread: Thread = { port: port1, waiting: [] }
    this.#threads.add(thread)
    port1.on('message', (message: ThreadMessage) => {
      if ('wish' in message) {
        void this.#answer(port1, message.id, message.wish)
        return
      }
      this.meter.fold(message.taken)
      thread.waiting.shift()?.()
    })
    port1.on('close', () => {
      this.#threads.delete(thread)
      for (const resolve of thread.waiting.splice(0)) resolve()
    })
    port1.unref()
    return port2
  }

  async expose(wish: ScrapeWish): Promise<Exposition> {
    await Promise.all(Array.from(this.#threads, gather))
    for (const refresh of this.#refresh) await refresh()
    return expose(this.meter, wish)
  }

  async #answer(port: MessagePort, id: number, wish: ScrapeWish): Promise<void> {
    try {
      const exposition = await this.expose(wish)
      port.postMessage({ id, exposition } satisfies MeterMessage)
    } catch (error) {
      // It is the other thread's to tell; thrown here, where nobody waits, it would end the process.
      const failure = error instanceof Error ? error.message : String(error)
      port.postMessage({ id, failure } satisfies MeterMessage)
    }
  }
}

const gather = ({ port, waiting }: Thread): Promise<void> =>
  new Promise((resolve) => {
    waiting.push(resolve)
    port.postMessage('take' satisfies MeterMessage)
  })
