/** What an upload should be, in a few fields, for the commands that drive it (upload-commands.ts). */
import assert from 'node:assert/strict'
import type * as fc from 'fast-check'
import { digestOf, type Algorithm } from '@sluice/core/digest'
import { RegistryError, type ErrorCode } from '@sluice/core/errors'
import type { Source } from '@sluice/core/ports/blob-store'
import type { RepositoryName } from '@sluice/core/repository-name'
import type { TemporaryRegistry } from '../temporary-registry.ts'

export const REPOSITORY = 'default/model' as RepositoryName

export interface ModelUpload {
  readonly algorithm: Algorithm
  bytes: Buffer
  gone: boolean
  touchedAt: number
}

export interface Model {
  readonly uploads: ModelUpload[]
  now: number
}

/** The real thing, and the ids of its uploads in the order of the model's. */
export interface Real extends TemporaryRegistry {
  readonly ids: string[]
}

export type Command = fc.AsyncCommand<Model, Real>

export class BrokenOff extends Error {}

export interface Piece {
  readonly size: number
  readonly seed: number
}

export const bytesOf = ({ size, seed }: Piece): Buffer => Buffer.alloc(size, seed)

/** In pieces; breaks off after `cut` bytes where that is a number. */
export async function* sourceOf(bytes: Buffer, cut?: number): Source {
  for (let at = 0; at < bytes.byteLength; at += 1000) {
    if (cut !== undefined && at >= cut) throw new BrokenOff()
    yield bytes.subarray(at, at + 1000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  if (cut !== undefined) throw new BrokenOff()
}

/** The code of a refusal; any other failure is the registry's own. */
export async function codeOf(work: Promise<unknown>): Promise<ErrorCode | 'done' | 'broken off'> {
  try {
    await work
    return 'done'
  } catch (error) {
    if (error instanceof RegistryError) return error.code
    if (error instanceof BrokenOff) return 'broken off'
    throw error
  }
}

export abstract class OnUpload implements Command {
  readonly #which: number

  constructor(which: number) {
    this.#which = which
  }

  check(model: Readonly<Model>): boolean {
    return model.uploads.length > 0
  }

  async run(model: Model, real: Real): Promise<void> {
    const at = this.#which % model.uploads.length
    const upload = model.uploads[at]
    const id = real.ids[at]
    if (upload && id !== undefined) await this.act(upload, id, real, model)
  }

  abstract act(upload: ModelUpload, id: string, real: Real, model: Model): Promise<void>

  protected async expectStanding(
    upload: ModelUpload,
    id: string,
    { registry }: Real,
  ): Promise<void> {
    const status = registry.uploads.status(REPOSITORY, id)
    if (upload.gone) assert.equal(await codeOf(status), 'BLOB_UPLOAD_UNKNOWN')
    else assert.deepEqual(await status, { id, offset: upload.bytes.byteLength })
  }

  protected async expectBlob(
    bytes: Buffer,
    algorithm: Algorithm,
    { registry }: Real,
  ): Promise<void> {
    const blob = await registry.blobs.find(REPOSITORY, digestOf(algorithm, bytes))
    const read = await registry.blobs.read(blob, 'GET')
    if ('url' in read) throw new Error('files have no URL')
    const found: Buffer[] = []
    for await (const piece of read.source) found.push(Buffer.from(new Uint8Array(piece)))
    assert.ok(Buffer.concat(found).equals(bytes))
  }
}
