/** What clients do with uploads, each with what should come of it by the model. */
import assert from 'node:assert/strict'
import { digestOf, type Algorithm } from '@sluice/core/digest'
import { UploadOffsetError, type ErrorCode } from '@sluice/core/errors'
import {
  bytesOf,
  codeOf,
  OnUpload,
  REPOSITORY,
  sourceOf,
  type Command,
  type Model,
  type ModelUpload,
  type Piece,
  type Real,
} from './upload-model.ts'

const HOUR = 3_600_000

export class Start implements Command {
  readonly #algorithm: Algorithm

  constructor(algorithm: Algorithm) {
    this.#algorithm = algorithm
  }

  check = (): boolean => true
  toString = (): string => `start(${this.#algorithm})`

  async run(model: Model, real: Real): Promise<void> {
    const { id, offset } = await real.registry.uploads.start(REPOSITORY, this.#algorithm)
    assert.equal(offset, 0)
    real.ids.push(id)
    model.uploads.push({
      algorithm: this.#algorithm,
      bytes: Buffer.alloc(0),
      gone: false,
      touchedAt: model.now,
    })
  }
}

export interface Sent extends Piece {
  readonly offset: 'right' | 'unsaid' | number
  readonly length: 'right' | 'unsaid' | number
  /** Of the size, in a hundred parts. */
  readonly cut: number | undefined
}

/** What comes of a chunk, by the specification. */
function fateOf(upload: ModelUpload, sent: Sent): ErrorCode | 'done' | 'broken off' {
  if (upload.gone) return 'BLOB_UPLOAD_UNKNOWN'
  if (typeof sent.offset === 'number' && sent.offset !== upload.bytes.byteLength)
    return 'RANGE_INVALID'
  const cut = cutOf(sent)
  const came = cut === undefined ? sent.size : Math.min(sent.size, Math.ceil(cut / 1000) * 1000)
  if (typeof sent.length === 'number' && came > sent.length) return 'SIZE_INVALID'
  if (cut !== undefined) return 'broken off'
  return typeof sent.length === 'number' && came < sent.length ? 'SIZE_INVALID' : 'done'
}

const cutOf = ({ cut, size }: Sent): number | undefined =>
  cut === undefined ? undefined : Math.floor((size * cut) / 100)

function chunkOf(upload: ModelUpload, sent: Sent) {
  const said = (what: Sent['offset'], right: number) =>
    what === 'right' ? right : what === 'unsaid' ? undefined : what
  return {
    source: sourceOf(bytesOf(sent), cutOf(sent)),
    start: said(sent.offset, upload.bytes.byteLength),
    length: said(sent.length, sent.size),
  }
}

export class Patch extends OnUpload {
  readonly #sent: Sent

  constructor(which: number, sent: Sent) {
    super(which)
    this.#sent = sent
  }

  override toString = (): string => `patch(${JSON.stringify(this.#sent)})`

  async act(upload: ModelUpload, id: string, real: Real, model: Model): Promise<void> {
    const fate = fateOf(upload, this.#sent)
    const patched = real.registry.uploads.append(REPOSITORY, id, chunkOf(upload, this.#sent))
    assert.equal(await codeOf(patched), fate)
    if (fate === 'done') upload.bytes = Buffer.concat([upload.bytes, bytesOf(this.#sent)])
    if (fate === 'done' || fate === 'broken off' || fate === 'SIZE_INVALID')
      upload.touchedAt = model.now
    await this.expectStanding(upload, id, real)
  }
}

export class Finish extends OnUpload {
  readonly #sent: Sent | undefined
  readonly #algorithm: Algorithm
  readonly #right: boolean

  constructor(which: number, sent: Sent | undefined, algorithm: Algorithm, right: boolean) {
    super(which)
    this.#sent = sent
    this.#algorithm = algorithm
    this.#right = right
  }

  override toString = (): string =>
    `finish(${JSON.stringify(this.#sent)}, ${this.#algorithm}, ${this.#right ? 'right' : 'wrong'} digest)`

  async act(upload: ModelUpload, id: string, real: Real, model: Model): Promise<void> {
    const sent = this.#sent
    const whole = sent ? Buffer.concat([upload.bytes, bytesOf(sent)]) : upload.bytes
    const digest = digestOf(this.#algorithm, this.#right ? whole : Buffer.from('something else'))
    const came = sent ? fateOf(upload, sent) : upload.gone ? 'BLOB_UPLOAD_UNKNOWN' : 'done'
    const fate = came === 'done' && !this.#right ? 'DIGEST_INVALID' : came
    const chunk = sent && chunkOf(upload, sent)
    assert.equal(await codeOf(real.registry.uploads.finish(REPOSITORY, id, digest, chunk)), fate)
    if (came === 'done') upload.gone = true
    if (fate === 'broken off' || fate === 'SIZE_INVALID') upload.touchedAt = model.now
    if (fate === 'done') await this.expectBlob(whole, this.#algorithm, real)
    await this.expectStanding(upload, id, real)
  }
}

export class Cancel extends OnUpload {
  override toString = (): string => 'cancel'

  async act(upload: ModelUpload, id: string, real: Real): Promise<void> {
    const fate = upload.gone ? 'BLOB_UPLOAD_UNKNOWN' : 'done'
    assert.equal(await codeOf(real.registry.uploads.cancel(REPOSITORY, id)), fate)
    upload.gone = true
    await this.expectStanding(upload, id, real)
  }
}

/** Several chunks for one place at the same time: one wins, and all others hear where the upload stands. */
export class Race extends OnUpload {
  readonly #pieces: readonly Piece[]

  constructor(which: number, pieces: readonly Piece[]) {
    super(which)
    this.#pieces = pieces
  }

  override toString = (): string => `race(${JSON.stringify(this.#pieces)})`

  async act(upload: ModelUpload, id: string, real: Real, model: Model): Promise<void> {
    const start = upload.bytes.byteLength
    const sent = this.#pieces.map((piece) => ({
      source: sourceOf(bytesOf(piece)),
      start,
      length: piece.size,
    }))
    const all = await Promise.allSettled(
      sent.map((chunk) => real.registry.uploads.append(REPOSITORY, id, chunk)),
    )
    const won = all.findIndex((one) => one.status === 'fulfilled')
    const piece = this.#pieces[won]
    assert.equal(piece !== undefined, !upload.gone)
    for (const [at, one] of all.entries()) {
      if (one.status === 'fulfilled') {
        // An empty chunk changes nothing, so that another may follow at the same place.
        assert.ok(at === won || this.#pieces[won]?.size === 0)
      } else if (upload.gone) assert.equal(one.reason.code, 'BLOB_UPLOAD_UNKNOWN')
      else assert.ok(one.reason instanceof UploadOffsetError)
    }
    if (piece) {
      upload.bytes = Buffer.concat([upload.bytes, bytesOf(piece)])
      upload.touchedAt = model.now
    }
    await this.expectStanding(upload, id, real)
  }
}

/** A chunk, the end and a cancel at the same time: whatever wins, what is left is one of what they could leave. */
export class Jumble extends OnUpload {
  readonly #piece: Piece
  readonly #cancels: boolean
  /** Milliseconds before each of them begins. */
  readonly #delays: readonly number[]

  constructor(which: number, piece: Piece, cancels: boolean, delays: readonly number[]) {
    super(which)
    this.#piece = piece
    this.#cancels = cancels
    this.#delays = delays
  }

  override toString = (): string =>
    `jumble(${JSON.stringify([this.#piece, this.#cancels, this.#delays])})`

  async act(upload: ModelUpload, id: string, real: Real, model: Model): Promise<void> {
    const { uploads } = real.registry
    const length = this.#piece.size
    const chunk = { source: sourceOf(bytesOf(this.#piece)), start: undefined, length }
    const digest = digestOf('sha256', upload.bytes)
    const [patched, finished, cancelled] = await Promise.all([
      this.#later(0, () => uploads.append(REPOSITORY, id, chunk)),
      this.#later(1, () => uploads.finish(REPOSITORY, id, digest, undefined)),
      this.#cancels ? this.#later(2, () => uploads.cancel(REPOSITORY, id)) : 'done',
    ])
    for (const code of [patched, finished, cancelled]) {
      assert.ok(['done', 'RANGE_INVALID', 'BLOB_UPLOAD_UNKNOWN', 'DIGEST_INVALID'].includes(code))
    }
    if (upload.gone)
      assert.deepEqual([patched, finished], ['BLOB_UPLOAD_UNKNOWN', 'BLOB_UPLOAD_UNKNOWN'])
    if (!upload.gone && finished === 'done') await this.expectBlob(upload.bytes, 'sha256', real)
    if (patched === 'done') upload.bytes = Buffer.concat([upload.bytes, bytesOf(this.#piece)])
    const ended =
      (this.#cancels && cancelled === 'done') || ['done', 'DIGEST_INVALID'].includes(finished)
    upload.gone ||= ended
    upload.touchedAt = model.now
    await this.expectStanding(upload, id, real)
  }

  async #later(at: number, work: () => Promise<unknown>): Promise<string> {
    const delay = this.#delays[at] ?? 0
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay))
    return codeOf(work())
  }
}

/** Time goes by, and the sweeper comes: what was idle for a day is gone. */
export class Sweep implements Command {
  readonly #hours: number

  constructor(hours: number) {
    this.#hours = hours
  }

  /** Files carry the real time: after two days even those of new uploads would look like nobody's. */
  check = ({ now }: Model): boolean => now + this.#hours * HOUR - Date.now() < 48 * HOUR
  toString = (): string => `sweep(after ${this.#hours} hours)`

  async run(model: Model, real: Real): Promise<void> {
    model.now += this.#hours * HOUR
    real.clock.advance(this.#hours * HOUR)
    assert.deepEqual((await real.registry.sweeper.sweep()).errors, [])
    for (const [at, upload] of model.uploads.entries()) {
      if (model.now - upload.touchedAt >= 24 * HOUR) upload.gone = true
      const code = await codeOf(real.registry.uploads.status(REPOSITORY, real.ids[at] ?? ''))
      assert.equal(code, upload.gone ? 'BLOB_UPLOAD_UNKNOWN' : 'done')
    }
  }
}
