/** The uploads of a `FileBlobStore`: files that grow until one of them becomes its object. */
import { StorageError } from '@sluice/core/ports/storage-error'
import type { Source } from '@sluice/core/ports/blob-store'
import { constants } from 'node:fs'
import { copyFile, link, open, readdir, rename, rm, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { appendToFile } from './append-to-file.ts'
import type { DurableDirectories } from './durable-directories.ts'
import { hasNoLinks, isThereAlready, onFiles, unlessMissing } from './file-error.ts'
import type { Interruption } from './interruption.ts'
import { UPLOADS } from './object-key.ts'
import { newToken, stateOfName, uploadName, uploadPrefix } from './upload-state.ts'
import type { UploadState } from './upload-state.ts'
import { UploadTurns } from './upload-turns.ts'

interface OpenUpload {
  readonly state: UploadState
  readonly file: FileHandle
}

export class FileUploads {
  readonly #root: string
  readonly #directory: string
  readonly #directories: DurableDirectories
  readonly #turns = new UploadTurns()

  constructor(root: string, directories: DurableDirectories) {
    this.#root = root
    this.#directory = join(root, UPLOADS)
    this.#directories = directories
  }

  pathOf(state: UploadState): string {
    return join(this.#directory, uploadName(state))
  }

  /** `durable`: also the upload's name, for whoever will go on with it; a commit soon gives it another. */
  async append(from: UploadState, source: Source, durable: boolean): Promise<UploadState> {
    return this.#turns.take(from.key, async (interruption) => {
      const { state, file } = await onFiles(() => this.#openToAppend(from))
      try {
        const isNew = state.size === 0 || state.token !== from.token
        const undo = () => (isNew ? rm(this.pathOf(state)) : file.truncate(state.size))
        const bytes = await appendOrUndo(file, state.size, source, interruption, undo)
        // Nothing has come to stand where `#openInPlace` left its mark.
        if (bytes === 0 && !isNew) await onFiles(undo)
        if (durable && isNew) await onFiles(() => this.#directories.sync(this.#directory))
        return { ...state, size: state.size + bytes }
      } finally {
        await file.close()
      }
    })
  }

  /** `orNothing`: when it fails there is no object, and no upload that could be committed again. */
  async commit(state: UploadState, orNothing = false): Promise<void> {
    const object = join(this.#root, state.key)
    let moved = false
    const commit = async (): Promise<void> => {
      if (await this.#makeExact(state, object)) {
        await this.#directories.put(dirname(object), () => this.#moveTo(object, state))
        moved = true
      }
      // Also where it was moved before: whoever moved it may have died before this.
      await this.#directories.sync(dirname(object))
      if (state.again) await this.#removeAll(state.key)
    }
    await this.#turns.take(state.key, async () => {
      try {
        await onFiles(commit)
      } catch (error) {
        // Only what this call has put there: an object may be another writer's.
        if (orNothing && moved) await rm(object, { force: true }).catch(() => undefined)
        throw error
      }
    })
  }

  async abort(state: UploadState): Promise<void> {
    await this.#turns.take(state.key, () => onFiles(() => this.#removeAll(state.key)))
  }

  async list(before: number): Promise<readonly UploadState[]> {
    const found: UploadState[] = []
    for (const name of await this.#names()) {
      const stats = await unlessMissing(stat(join(this.#directory, name)))
      const state = stats && stats.mtimeMs < before ? stateOfName(name, stats.size) : undefined
      if (state) found.push(state)
    }
    return found
  }

  /**
   * Appends in place only where nobody has appended since `from`. Else the bytes beyond may be those of a state that
   * someone has recorded, or a dead process's, and this append goes on in a file of its own.
   */
  async #openToAppend(from: UploadState): Promise<OpenUpload> {
    if (from.size === 0) {
      try {
        return { state: from, file: await this.#create(from) }
      } catch (error) {
        if (!isThereAlready(error)) throw error
      }
      const state = { ...from, token: newToken(), again: true }
      return { state, file: await this.#create(state) }
    }
    const there = await this.#sizeAtLeast(from)
    if (there === from.size) return { state: from, file: await this.#openInPlace(from) }
    const state = { ...from, token: newToken(), again: true }
    await copyFile(this.pathOf(from), this.pathOf(state), constants.COPYFILE_FICLONE)
    const file = await open(this.pathOf(state), 'r+')
    await file.truncate(from.size)
    return { state, file }
  }

  /** Leaves one byte beyond, so that another thread or process sees at once that someone appends here. */
  async #openInPlace(from: UploadState): Promise<FileHandle> {
    const file = await open(this.pathOf(from), 'r+')
    try {
      await file.truncate(from.size + 1)
      return file
    } catch (error) {
      await file.close()
      throw error
    }
  }

  async #create(state: UploadState): Promise<FileHandle> {
    return this.#directories.put(this.#directory, () => open(this.pathOf(state), 'wx+'))
  }

  /** A rename would replace what another thread has put there. */
  async #moveTo(object: string, state: UploadState): Promise<void> {
    const path = this.pathOf(state)
    try {
      await link(path, object)
    } catch (error) {
      // Some shared and removable file systems know no links; there the rename has to do.
      if (hasNoLinks(error)) return rename(path, object)
      if (!isThereAlready(error)) throw error
      // The same file under both names: a crash came between the two steps.
      const [there, ours] = await Promise.all([stat(object), stat(path)])
      if (there.ino !== ours.ino) throw new ObjectExistsError(state.key)
    }
    await rm(path)
  }

  /** Cuts off what no recorded append has written. False where the upload is the object already. */
  async #makeExact(state: UploadState, object: string): Promise<boolean> {
    const there = await unlessMissing(stat(this.pathOf(state)))
    if (there === undefined) {
      if (await unlessMissing(stat(object))) return false
      if (state.size > 0) throw lost(state)
    }
    if (there && there.size === state.size) return true
    if (there && there.size < state.size) throw lost(state)
    const file = there ? await open(this.pathOf(state), 'r+') : await this.#create(state)
    try {
      await file.truncate(state.size)
      await file.sync()
    } finally {
      await file.close()
    }
    return true
  }

  async #sizeAtLeast(state: UploadState): Promise<number> {
    const there = await unlessMissing(stat(this.pathOf(state)))
    if (there === undefined || there.size < state.size) throw lost(state)
    return there.size
  }

  async #removeAll(key: string): Promise<void> {
    const prefix = uploadPrefix(key)
    for (const name of await this.#names()) {
      if (name.startsWith(prefix)) await rm(join(this.#directory, name), { force: true })
    }
  }

  async #names(): Promise<readonly string[]> {
    return (await unlessMissing(readdir(this.#directory))) ?? []
  }
}

async function appendOrUndo(
  file: FileHandle,
  start: number,
  source: Source,
  interruption: Interruption,
  undo: () => Promise<void>,
): Promise<number> {
  try {
    return await appendToFile(file, start, source, interruption)
  } catch (error) {
    // Should this fail as well, the next append sees the bytes beyond and leaves them alone.
    await undo().catch(() => undefined)
    throw error
  }
}

/** A slow writer comes to a key that another one has filled since. */
class ObjectExistsError extends StorageError {
  constructor(key: string) {
    super('unavailable', `object ${key} is there already, from another writer`, undefined)
  }
}

const lost = ({ key, size }: UploadState): StorageError =>
  new StorageError('unavailable', `the ${size} bytes of the upload to ${key} are gone`, undefined)
