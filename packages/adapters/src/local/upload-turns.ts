/**
 * One at a time for each upload. Who comes later has the newer request: a client that lost its connection and tries
 * again must not wait for the earlier request to notice, so the earlier is stopped.
 */
import { StorageError } from '@sluice/core/ports/storage-error'
import { Interruption } from './interruption.ts'

interface Turn {
  readonly interruption: Interruption
  readonly ended: Promise<void>
}

export class UploadTurns {
  readonly #last = new Map<string, Turn>()

  async take<T>(key: string, work: (interruption: Interruption) => Promise<T>): Promise<T> {
    const earlier = this.#last.get(key)
    const { promise: ended, resolve } = Promise.withResolvers<void>()
    const turn: Turn = { interruption: new Interruption(), ended }
    this.#last.set(key, turn)
    try {
      const cause = new Error('another request came for the same upload')
      earlier?.interruption.stop(
        new StorageError('unavailable', 'a later request has taken over this upload', cause),
      )
      await earlier?.ended
      turn.interruption.throwIfStopped()
      return await work(turn.interruption)
    } finally {
      if (this.#last.get(key) === turn) this.#last.delete(key)
      resolve()
    }
  }
}
