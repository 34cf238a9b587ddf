/**
 * A blob's bytes while they come from the upstream. The last one is held back until the whole is verified: a client never
 * has all bytes of a blob that is not what its digest says.
 */
import { RegistryError } from '../errors.ts'
import type { BlobStore, ByteRange, GrowingBytes, Pieces } from '../ports/blob-store.ts'
import type { FillLeases, WantedBlob } from './fill-leases.ts'
import type { RunningFill } from './running-fill.ts'

/** How long to wait for the sign of a writer in this process, or to look for one in another. */
const LOOK_MS = 20
/** Looks without a byte, before the upload is looked up again: it may go on in another file. */
const IDLE_LOOKS = 10
/** A piece costs whoever sends it a trip to the socket and back, however small it is. */
const BATCH_BYTES = 512 * 1024

export async function* followBlob(
  store: BlobStore,
  leases: FillLeases,
  fill: RunningFill,
  wanted: WantedBlob,
  { start, end }: ByteRange,
): Pieces {
  // It has no last byte to hold back.
  if (wanted.size === 0) await fill.done
  const { recent } = fill
  const file = new FollowedFile(store, leases, wanted)
  const room = new Uint8Array(Math.min(wanted.size, BATCH_BYTES))
  let { rewinds } = recent
  let idle = 0
  try {
    for (let at = start; at <= end;) {
      // What was sent may be no part of what is verified in the end.
      if (at > start && (recent.hasReplaced(at, rewinds) || file.isAnother)) throw replaced(wanted)
      rewinds = recent.rewinds
      const most = (fill.verified ? end + 1 : Math.min(end + 1, wanted.size - 1)) - at
      const piece = most > 0 ? recent.read(at, most, room) : undefined
      if (!piece && fill.over) {
        const link = await fill.done
        if (at > start && (await file.wasDropped())) throw replaced(wanted)
        yield* (link && (await store.read(link.key, { start: at, end }))) ?? missing(wanted)
        return
      }
      const there = Math.min(most, (recent.end ?? Infinity) - at)
      const found = piece ?? (there > 0 ? await file.read(at, there) : undefined)
      // Which of them were there before, and which came now, is not to be told.
      if (recent.rewinds !== rewinds) continue
      if (found && found.byteLength > 0) {
        idle = 0
        at += found.byteLength
        yield found
        continue
      }
      await fill.moved(LOOK_MS)
      if (++idle % IDLE_LOOKS === 0) await file.close()
    }
  } finally {
    await file.close()
  }
}

/** The bytes of an upload as they are stored, by this process or another. */
class FollowedFile {
  readonly #store: BlobStore
  readonly #leases: FillLeases
  readonly #wanted: WantedBlob
  #growing: GrowingBytes | undefined
  #upload: string | undefined
  /** Another upload brings the blob than the one that was read first. */
  isAnother = false

  constructor(store: BlobStore, leases: FillLeases, wanted: WantedBlob) {
    this.#store = store
    this.#leases = leases
    this.#wanted = wanted
  }

  async read(start: number, most: number): Promise<Uint8Array | undefined> {
    this.#growing ??= await this.#open()
    return this.isAnother ? undefined : this.#growing?.read(start, most)
  }

  /** Whether the upload that was read came to nothing, and another has brought the blob. */
  async wasDropped(): Promise<boolean> {
    if (this.#upload === undefined) return false
    const fill = await this.#leases.find(this.#wanted)
    return fill !== undefined && fill.drops > 0 && fill.upload !== this.#upload
  }

  /** Also to look where it goes on. */
  async close(): Promise<void> {
    const growing = this.#growing
    this.#growing = undefined
    await growing?.close()
  }

  async #open(): Promise<GrowingBytes | undefined> {
    const fill = await this.#leases.find(this.#wanted)
    const state = fill && (await this.#leases.stateOf(fill))
    if (!fill || state === undefined) return undefined
    this.#upload ??= fill.upload
    this.isAnother = fill.upload !== this.#upload
    return this.isAnother ? undefined : this.#store.follow(state)
  }
}

const replaced = ({ digest }: WantedBlob): RegistryError =>
  new RegistryError('UNAVAILABLE', `blob ${digest} was begun anew while it came: ask for it again`)

function missing({ digest }: WantedBlob): never {
  throw new Error(`blob ${digest} was fetched, and its object is missing: run fsck`)
}
