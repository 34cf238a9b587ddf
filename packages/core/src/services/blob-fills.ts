/**
 * Blobs on their way from an upstream into the registry: whoever wants one, one transfer brings it. It is an upload like a
 * pusher's, with the upstream for a client, so it survives its process, and becomes a blob only with the right digest.
 */
import type { Digest } from '../digest.ts'
import { RegistryError, UploadOffsetError } from '../errors.ts'
import { UpstreamError } from '../ports/upstream.ts'
import type { ImageCounts } from '../observed/image-counts.ts'
import type { FillRecord } from '../records/fill-record.ts'
import { isStored, type StoredLink } from '../records/blob-record.ts'
import type { BlobLinks } from './blob-links.ts'
import type { Blobs } from './blobs.ts'
import { remoteName, type Cache } from './caches.ts'
import type { FillLeases, WantedBlob } from './fill-leases.ts'
import { pause } from './pause.ts'
import { RunningFill, type FillProgress } from './running-fill.ts'
import type { Uploads } from './uploads.ts'
import { UpstreamTransfer } from './upstream-transfer.ts'

/** Breaks in a row that brought next to nothing: the next client may try again, and goes on from there. */
const MAX_BREAKS = 4
const NEXT_TO_NOTHING = 1024 * 1024
const PAUSE_MS = 25
const BREAK_PAUSE_MS = 200

const NOBODY: FillProgress = {
  came: () => undefined,
  moved: () => undefined,
  verified: () => undefined,
}

/** Who hears of a fill's way, and who may end it early. */
interface Watch {
  readonly progress: FillProgress
  readonly stop: () => boolean
}

export class BlobFills {
  readonly #blobs: Blobs
  readonly #links: BlobLinks
  readonly #leases: FillLeases
  readonly #uploads: Uploads
  readonly #counts: ImageCounts | undefined
  readonly #onUnkept: (error: unknown) => void
  readonly #running = new Map<string, RunningFill>()

  /** `onUnkept`: of bytes that clients had, and that could not be stored; nobody else hears of it. */
  constructor(
    blobs: Blobs,
    links: BlobLinks,
    leases: FillLeases,
    uploads: Uploads,
    told: {
      readonly counts?: ImageCounts | undefined
      readonly onUnkept?: ((error: unknown) => void) | undefined
    } = {},
  ) {
    this.#counts = told.counts
    this.#onUnkept = told.onUnkept ?? (() => undefined)
    this.#blobs = blobs
    this.#links = links
    this.#leases = leases
    this.#uploads = uploads
  }

  /** The fill that is under way in this process, or a new one. It goes on whoever stops waiting for it. */
  start(cache: Cache, wanted: WantedBlob): RunningFill {
    const name = `${wanted.repository} ${wanted.digest}`
    const running = this.#running.get(name)
    if (running) {
      this.#counts?.coalesced('blob', cache.name)
      return running
    }
    const fill = new RunningFill((progress) =>
      this.fill(cache, wanted, progress).finally(() => this.#running.delete(name)),
    )
    this.#running.set(name, fill)
    fill.done.catch((error: unknown) => {
      if (fill.verified) this.#onUnkept(error)
    })
    return fill
  }

  /** When all that has come whole in this process is stored, or cannot be. */
  async settled(): Promise<void> {
    const whole = [...this.#running.values()].filter(({ verified }) => verified)
    await Promise.allSettled(whole.map(({ done }) => done))
  }

  /**
   * Brings the blob here, or waits for whoever is at it. `stop`, asked again and again, ends it early: what has come stays
   * for the next, and `undefined` is answered.
   */
  async fill(
    cache: Cache,
    wanted: WantedBlob,
    progress: FillProgress = NOBODY,
    stop: () => boolean = () => false,
  ): Promise<StoredLink | undefined> {
    for (;;) {
      const link = await this.#linked(cache, wanted)
      if (link) return link
      if (stop()) return undefined
      const fill = await this.#leases.take(wanted)
      if (!fill) {
        await pause(PAUSE_MS)
        continue
      }
      // Whoever was at it may have brought it between the two looks.
      const brought = await this.#linked(cache, wanted)
      if (brought) {
        await this.#cancel(fill)
        await this.#leases.finish(fill, wanted.digest)
        return brought
      }
      await this.#leases.during(fill, wanted.digest, () =>
        this.#move(cache, fill, wanted, { progress, stop }),
      )
    }
  }

  /** Another repository of the project may hold it: then it was fetched from the same upstream, with the same rights. */
  async #linked(
    { source }: Cache,
    { repository, digest }: WantedBlob,
  ): Promise<StoredLink | undefined> {
    const link = await this.#blobs.look(repository, digest)
    if (link && isStored(link)) return link
    // A project of its own may hold bytes that came from elsewhere.
    if (source || !(await this.#links.share(repository, digest))) return undefined
    return this.#blobs.find(repository, digest)
  }

  /** Ends the fill, or leaves it to the next, whose lease it then is. */
  async #move(cache: Cache, fill: FillRecord, wanted: WantedBlob, watch: Watch): Promise<void> {
    const { repository, upload } = fill
    const { digest, size } = wanted
    try {
      for (let breaks = 0; ;) {
        const { offset } = await this.#uploads.status(repository, upload)
        if (offset >= size) break
        if (watch.stop()) return this.#leases.leave(fill, digest)
        const after = await this.#stretches(cache, fill, wanted, offset, watch)
        if (!after.broken) continue
        breaks = after.offset - offset >= NEXT_TO_NOTHING ? 0 : breaks + 1
        if (breaks === MAX_BREAKS) throw after.broken
        await pause(BREAK_PAUSE_MS * breaks)
      }
      await this.#uploads.finish(repository, upload, digest, undefined)
      await this.#leases.finish(fill, digest)
    } catch (error) {
      await this.#giveUp(cache, fill, digest, error)
    }
  }

  /** As many stretches as one transfer brings. */
  async #stretches(
    cache: Cache,
    { repository, upload }: FillRecord,
    wanted: WantedBlob,
    start: number,
    { progress, stop }: Watch,
  ): Promise<{ readonly offset: number; readonly broken: UpstreamError | undefined }> {
    const { digest, size } = wanted
    let transfer: UpstreamTransfer | undefined
    // Asked only when the upload is this writer's: nobody else may be asking then.
    const open = async () => (transfer ??= await this.#open(cache, wanted, start))
    try {
      for (let offset = start; ;) {
        let at = offset
        const source = (async function* () {
          for await (const piece of (await open()).stretch(() => progress.moved(), stop)) {
            progress.came(at, piece)
            at += piece.byteLength
            yield piece
          }
        })()
        const hashed = (found: Digest | undefined): void => {
          if (found === digest && at === size) progress.verified()
        }
        const chunk = { source, start: offset, length: undefined, hashed }
        offset = (await this.#uploads.append(repository, upload, chunk)).offset
        const broken = transfer?.broken
        if (broken || offset >= size || stop()) return { offset, broken }
        if (transfer?.over) return { offset, broken: tooShort(cache) }
      }
    } catch (error) {
      if (!(error instanceof UploadOffsetError)) throw error
      // A holder who was taken for dead. He ends it, or his claim runs out.
      await pause(PAUSE_MS)
      return { offset: start, broken: undefined }
    } finally {
      await transfer?.end()
    }
  }

  async #open(
    cache: Cache,
    { repository, digest, size }: WantedBlob,
    start: number,
  ): Promise<UpstreamTransfer> {
    // Not the repository for which the fill was begun: the upstream may have it no more, or never have had the blob there.
    const remote = remoteName(cache, repository)
    const blob = await cache.circuit.ask(() => cache.upstream.blob(remote, digest, start))
    if (!blob) throw new RegistryError('BLOB_UNKNOWN', `${remote} has no blob ${digest}`)
    const transfer = new UpstreamTransfer(blob)
    if (blob.size === size) return transfer
    await transfer.end()
    const said = `sends ${blob.size} bytes as blob ${digest} of ${remote}, which has ${size}`
    throw new UpstreamError(cache.name, 'lying', said)
  }

  async #cancel({ repository, upload }: FillRecord): Promise<void> {
    await this.#uploads.cancel(repository, upload).catch(() => undefined)
  }

  /** Throws why; what has come stays for the next, unless it is worth nothing. */
  async #giveUp({ name }: Cache, fill: FillRecord, digest: Digest, error: unknown): Promise<void> {
    const code = error instanceof RegistryError ? error.code : undefined
    // It was swept, idle: the next begins anew.
    if (code === 'BLOB_UPLOAD_UNKNOWN') return this.#leases.end(fill, digest)
    if (code !== 'DIGEST_INVALID' && code !== 'BLOB_UNKNOWN') throw error
    await this.#cancel(fill)
    await this.#leases.drop(fill, digest, code === 'BLOB_UNKNOWN')
    if (code === 'BLOB_UNKNOWN') throw error
    const said = `sent other bytes than those of blob ${digest}: nothing of them was kept`
    throw new UpstreamError(name, 'lying', said, { cause: error })
  }
}

const tooShort = ({ name }: Cache): UpstreamError =>
  new UpstreamError(name, 'unreachable', 'ended a transfer before the end of the blob')
