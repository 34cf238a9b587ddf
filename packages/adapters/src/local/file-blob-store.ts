/**
 * Blobs as files under one root, for one server process and whatever sweeps or checks beside it.
 *
 *     <root>/<key>               an object: complete, synced, never changed
 *     <root>/uploads/<upload>    bytes on the way (upload-state.ts)
 */
import type {
  BlobStore,
  ByteRange,
  GrowingBytes,
  Source,
  StoredObject,
} from '@sluice/core/ports/blob-store'
import type { Value } from '@sluice/core/ports/table'
import { rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { DurableDirectories } from './durable-directories.ts'
import { onFiles, unlessMissing } from './file-error.ts'
import { fileSource } from './file-source.ts'
import { growingFile } from './growing-file.ts'
import { FileUploads } from './file-uploads.ts'
import { checkObjectKey } from '../shared/object-key.ts'
import { storedObjects } from './stored-objects.ts'
import { newToken, parseState, stateValue } from './upload-state.ts'
import type { UploadState } from './upload-state.ts'

export class FileBlobStore implements BlobStore {
  readonly #root: string
  readonly #directories: DurableDirectories
  readonly #uploads: FileUploads

  /** The root is made when something is first put into it. */
  constructor(root: string) {
    this.#root = resolve(root)
    this.#directories = new DurableDirectories(this.#root)
    this.#uploads = new FileUploads(this.#root, this.#directories)
  }

  async open(key: string): Promise<Value> {
    return stateValue(begin(key))
  }

  async append(
    state: Value,
    source: Source,
  ): Promise<{ readonly state: Value; readonly size: number }> {
    const after = await this.#uploads.append(parseState(state), source, true)
    return { state: stateValue(after), size: after.size }
  }

  reread(state: Value): Source {
    const upload = parseState(state)
    return fileSource(this.#uploads.pathOf(upload), 0, upload.size)
  }

  async follow(state: Value): Promise<GrowingBytes | undefined> {
    return growingFile(this.#uploads.pathOf(parseState(state)))
  }

  async commit(state: Value): Promise<void> {
    await this.#uploads.commit(parseState(state))
  }

  async abort(state: Value): Promise<void> {
    await this.#uploads.abort(parseState(state))
  }

  async write(key: string, source: Source): Promise<{ readonly size: number }> {
    const state = await this.#uploads.append(begin(key), source, false)
    try {
      await this.#uploads.commitNew(state)
    } catch (error) {
      await this.#uploads.abort(state).catch(() => undefined)
      throw error
    }
    return { size: state.size }
  }

  async read(key: string, range?: ByteRange): Promise<Source | undefined> {
    const object = await this.stat(key)
    if (object === undefined) return undefined
    const { start, end } = range ?? { start: 0, end: object.size - 1 }
    if (start < 0 || end >= object.size || start > end + 1) {
      throw new RangeError(`bytes ${start} to ${end} of ${object.size}`)
    }
    return fileSource(this.#pathOf(key), start, end - start + 1)
  }

  async stat(key: string): Promise<{ readonly size: number } | undefined> {
    const path = this.#pathOf(key)
    const found = await onFiles(() => unlessMissing(stat(path)))
    return found?.isFile() === true ? { size: found.size } : undefined
  }

  /** A file has no address on the network: the caller streams it. */
  async link(): Promise<undefined> {
    return undefined
  }

  async delete(key: string): Promise<void> {
    const path = this.#pathOf(key)
    await onFiles(() => rm(path, { force: true }))
    this.#directories.forget(dirname(path))
    try {
      for (let at = dirname(path); at !== this.#root; at = dirname(at)) await rmdir(at)
    } catch {
      // Not empty, or another deletion was first.
    }
  }

  async list({
    after = '',
    limit,
  }: {
    readonly after?: string
    readonly limit: number
  }): Promise<{ readonly objects: readonly StoredObject[]; readonly next?: string }> {
    return onFiles(async () => {
      const objects: StoredObject[] = []
      for await (const object of storedObjects(this.#root, after)) {
        const last = objects.at(-1)
        if (last && objects.length === limit) return { objects, next: last.key }
        objects.push(object)
      }
      return { objects }
    })
  }

  async listUploads(
    before: number,
  ): Promise<readonly { readonly state: Value; readonly key: string }[]> {
    const uploads = await onFiles(() => this.#uploads.list(before))
    return uploads.map((upload) => ({ state: stateValue(upload), key: upload.key }))
  }

  #pathOf(key: string): string {
    checkObjectKey(key)
    return join(this.#root, key)
  }
}

function begin(key: string): UploadState {
  checkObjectKey(key)
  return { key, token: newToken(), size: 0, again: false }
}
