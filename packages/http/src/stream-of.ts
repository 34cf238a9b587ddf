import type { Pieces } from '@sluice/core/ports/blob-store'

/**
 * Bytes as a body, pulled one piece at a time, ended early when the client goes. `gone` has a source end that waits for
 * what may never come: until its next piece is there it hears of nothing else.
 */
export function streamOf(source: Pieces, gone?: AbortController): ReadableStream<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await iterator.next()
        if (next.done) controller.close()
        // The reader may hold it while it asks for the next. Not `slice`, which for a Buffer copies nothing.
        else controller.enqueue(new Uint8Array(next.value))
      },
      async cancel() {
        gone?.abort()
        await iterator.return?.()
      },
    },
    { highWaterMark: 1 },
  )
}
