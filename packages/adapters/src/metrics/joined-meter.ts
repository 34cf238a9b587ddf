/** The far end of a `WholeMeter`, in another thread: hands on what this one counts, and asks for the whole. */
import type { MessagePort } from 'node:worker_threads'
import type { Exposition, ScrapeWish } from './expose.ts'
import type { Meter } from './meter.ts'
import type { MeterMessage, ThreadMessage } from './whole-meter.ts'

export class JoinedMeter {
  readonly #port: MessagePort
  readonly #waiting = new Map<number, PromiseWithResolvers<Exposition>>()
  #lastId = 0

  constructor(port: MessagePort, meter: Meter) {
    this.#port = port
    port.on('message', (message: MeterMessage) => {
      if (message === 'take') {
        port.postMessage({ taken: meter.take() } satisfies ThreadMessage)
        return
      }
      const waiting = this.#waiting.get(message.id)
      this.#waiting.delete(message.id)
      if ('exposition' in message) waiting?.resolve(message.exposition)
      else waiting?.reject(new Error(message.failure))
    })
    port.unref()
  }

  /** Rejects with what the whole could not be read for. */
  expose(wish: ScrapeWish): Promise<Exposition> {
    const id = ++this.#lastId
    const waiting = Promise.withResolvers<Exposition>()
    this.#waiting.set(id, waiting)
    this.#port.postMessage({ id, wish } satisfies ThreadMessage)
    return waiting.promise
  }
}
