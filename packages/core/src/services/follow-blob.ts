/**
 * A blob's bytes while they come from the upstream. The last one is held back until the whole is verified and stored: a
 * client never has all bytes of a blob that is not what its digest says.
 */
import type { BlobStore, ByteRange, GrowingBytes, Pieces } from '../ports/blob-store.ts'
import type { FillLeases, WantedBlob } from './fill-leases.ts'
import type { RunningFill } from './running-fill.ts'

/** How long to wait for the sign of a writer in this process, or to look for one in another. */
const LOOK_MS = 20
/** Looks without a byte, before the upload is looked up again: it may go on in another file. */
const IDLE_LOOKS = 10

export async function* followBlob(
  store: BlobStore,
  leases: FillLeases,
  fill: RunningFill,
  wanted: WantedBlob,
  { start, end }: ByteRange,
): Pieces {
  // It has no last byte to hold back.
  if (wanted.size === 0) await fill.done
  let growing: GrowingBytes | undefined
  let idle = 0
  try {
    for (let at = start; at <= end;) {
      if (fill.over) {
        const link = await fill.done
        yield* (link && (await store.read(link.key, { start: at, end }))) ?? missing(wanted)
        return
      }
      growing ??= await growingOf(store, leases, wanted)
      const most = Math.min(end + 1, wanted.size - 1) - at
      const piece = most > 0 ? await growing?.read(at, most) : undefined
      if (piece && piece.byteLength > 0) {
        idle = 0
        at += piece.byteLength
        yield piece
        continue
      }
      await fill.moved(LOOK_MS)
      if (++idle % IDLE_LOOKS > 0) continue
      await growing?.close()
      growing = undefined
    }
  } finally {
    await growing?.close()
  }
}

async function growingOf(
  store: BlobStore,
  leases: FillLeases,
  wanted: WantedBlob,
): Promise<GrowingBytes | undefined> {
  const fill = await leases.find(wanted)
  const state = fill && (await leases.stateOf(fill))
  return state === undefined ? undefined : store.follow(state)
}

function missing({ digest }: WantedBlob): never {
  throw new Error(`blob ${digest} was fetched, and its object is missing: run fsck`)
}
