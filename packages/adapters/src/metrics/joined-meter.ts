/** The far end of a `WholeMeter`, in another thread: hands on what this one counts, and asks for the whole. */
import type { MessagePort } from 'node:worker_threads'
import type { Exposition, ScrapeWish } from './expose.ts'
import type { Meter } from './meter.ts'
import type { MeterMessage, ThreadMessage } from './whole-meter.ts'

export class JoinedMeter {
  readonly #port: MessagePort
  readonly #waiting = new Map<number, (exposition: Exposition) => void>()
  #lastId = 0

  constructor(port: MessagePort, meter: Meter) {
    this.#port = port
    port.on('message', (message: MeterMessage) => {
      if (message === 'take') {
        port.postMessage({ taken: meter.take() } satisfies ThreadMessage)
        return
      }
      this.#waiting.get(message.id)?.(message.exposition)
      this.#waiting.delete(message.id)
    })
    port.unref()
  }

  expose(wish: ScrapeWish): Promise<Exposition> {
    const id = ++this.#lastId
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      this.#port.postMessage({ id, wish } satisfies ThreadMessage)
    })
  }
}
