/** A source's bytes into an open file, as fast as the slower of the two, with a bounded number of them in memory. */
import type { Source } from '@sluice/core/ports/blob-store'
import type { FileHandle } from 'node:fs/promises'
import { fileError, onFiles } from './file-error.ts'
import type { Interruption } from './interruption.ts'

/**
 * A socket's chunks of 64 KiB are gathered: one trip to the thread pool for sixteen of them at least, and for all that came
 * while the one before was under way, so that a machine with much to do has fewer of them.
 */
const BATCH_BYTES = 1024 * 1024
const MAX_BATCH_BYTES = 2 * BATCH_BYTES

/** Of very small chunks; more would not fit one call of the system. */
const MAX_BATCH_CHUNKS = 1024

/** The disk begins this early, rather than when the last byte has come and the client waits. */
const SYNC_EVERY_BYTES = 32 * 1024 * 1024

/** Writes from `start` on and returns how many bytes; they are on stable storage. When it throws, no write is under way. */
export async function appendToFile(
  file: FileHandle,
  start: number,
  source: Source,
  interruption: Interruption,
): Promise<number> {
  /** One at a time: whoever follows the file would take a hole in it for its bytes. */
  let writing: Promise<void> | undefined
  let sync: Promise<void> | undefined
  let failed = false
  let position = start
  let syncedTo = start
  let batch: Uint8Array[] = []
  let batchBytes = 0

  const background = async (work: Promise<void>): Promise<void> => {
    try {
      await work
    } catch (error) {
      failed = true
      interruption.stop(fileError(error))
    }
  }
  const flush = (): void => {
    // Nothing comes behind what was not written: it would be a hole.
    if (failed) return
    const [bytes, at] = [batch, position]
    writing = background(writeFully(file, bytes, at)).finally(() => {
      writing = undefined
      if (batchBytes >= BATCH_BYTES) flush()
    })
    position += batchBytes
    batch = []
    batchBytes = 0
    if (sync === undefined && position - syncedTo >= SYNC_EVERY_BYTES) {
      syncedTo = position
      sync = background(file.datasync()).finally(() => (sync = undefined))
    }
  }
  const idle = async (): Promise<void> => {
    for (;;) {
      const under = writing
      if (!under) return
      await under
    }
  }

  try {
    for await (const chunk of stoppable(source, interruption)) {
      if (chunk.byteLength === 0) continue
      batch.push(chunk)
      batchBytes += chunk.byteLength
      if (batchBytes < BATCH_BYTES && batch.length < MAX_BATCH_CHUNKS) continue
      const isFull = batchBytes >= MAX_BATCH_BYTES || batch.length >= MAX_BATCH_CHUNKS
      if (writing && isFull) await writing
      if (!writing && batchBytes > 0) flush()
    }
    await idle()
    if (batchBytes > 0) flush()
  } finally {
    await idle()
    await sync
  }
  interruption.throwIfStopped()
  await onFiles(() => file.datasync())
  return position - start
}

/** The file system may take less than it is given. */
async function writeFully(
  file: FileHandle,
  chunks: readonly Uint8Array[],
  position: number,
): Promise<void> {
  let left = [...chunks]
  for (let at = position; left.length > 0;) {
    const { bytesWritten } = await file.writev(left, at)
    at += bytesWritten
    left = without(left, bytesWritten)
  }
}

function without(chunks: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let skip = bytes
  const rest: Uint8Array[] = []
  for (const chunk of chunks) {
    if (skip < chunk.byteLength) rest.push(chunk.subarray(skip))
    skip = Math.max(0, skip - chunk.byteLength)
  }
  return rest
}

/** The source, until someone stops it; its own end is not waited for while it owes a chunk. */
async function* stoppable(source: Source, interruption: Interruption): Source {
  const iterator = source[Symbol.asyncIterator]()
  let ended = false
  try {
    for (;;) {
      const { done, value } = await interruption.during(iterator.next())
      if (done === true) {
        ended = true
        return
      }
      yield value
    }
  } finally {
    if (!ended) void iterator.return?.().catch(() => undefined)
  }
}
