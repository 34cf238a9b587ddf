/** The uploads of a `FileBlobStore`: files that grow until one of them becomes its object. */
import { StorageError } from '@sluice/core/ports/storage-error'
import type { Source } from '@sluice/core/ports/blob-store'
import { constants } from 'node:fs'
import { copyFile, link, open, readdir, rename, rm, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { appendToFile } from './append-to-file.ts'
import type { DurableDirectories } from './durable-directories.ts'
import { hasNoLinks, isMissing, isThereAlready, onFiles, unlessMissing } from './file-error.ts'
import type { Interruption } from './interruption.ts'
import { UPLOADS } from '../shared/object-key.ts'
import { UploadHolds } from './upload-holds.ts'
import { copyName, newToken, stateOfName, uploadName, uploadPrefix } from './upload-state.ts'
import type { UploadState } from './upload-state.ts'
import { UploadTurns } from './upload-turns.ts'

interface OpenUpload {
  readonly state: UploadState
  readonly file: FileHandle
  /** What to release when the file is closed. */
  readonly held?: UploadState
}

export class FileUploads {
  readonly #root: string
  readonly #directory: string
  readonly #directories: DurableDirectories
  readonly #holds: UploadHolds
  readonly #turns = new UploadTurns()

  constructor(root: string, directories: DurableDirectories) {
    this.#root = root
    this.#directory = join(root, UPLOADS)
    this.#directories = directories
    this.#holds = new UploadHolds(this.#directory, directories)
  }

  pathOf(state: UploadState): string {
    return join(this.#directory, uploadName(state))
  }

  /** `durable`: also the upload's name, for whoever will go on with it; a commit soon gives it another. */
  async append(from: UploadState, source: Source, durable: boolean): Promise<UploadState> {
    return this.#turns.take(from.key, async (interruption) => {
      const { state, file, held } = await onFiles(() => this.#openToAppend(from))
      try {
        const isNew = held === undefined
        const undo = () => (isNew ? rm(this.pathOf(state)) : file.truncate(state.size))
        const bytes = await appendOrUndo(file, state.size, source, interruption, undo)
        if (durable && isNew) await onFiles(() => this.#directories.sync(this.#directory))
        return { ...state, size: state.size + bytes }
      } finally {
        await file.close()
        if (held) await this.#holds.release(held)
      }
    })
  }

  /** Makes an upload the object that is known to nobody else: when it fails there is no object. */
  async commitNew(state: UploadState): Promise<void> {
    const object = this.#objectOf(state)
    await onFiles(async () => {
      await this.#link(object, this.pathOf(state)).catch((error: unknown) => {
        throw isMissing(error) ? lost(state) : error
      })
      try {
        await rm(this.pathOf(state), { force: true })
        await this.#directories.sync(dirname(object))
      } catch (error) {
        await rm(object, { force: true }).catch(() => undefined)
        throw error
      }
    })
  }

  async commit(state: UploadState): Promise<void> {
    const object = this.#objectOf(state)
    const commit = async (): Promise<void> => {
      const held = await this.#holds.take(state)
      let clean = held && !state.again
      try {
        const path = await this.#wholeFile(state, held)
        if (path !== this.pathOf(state)) clean = false
        if (path !== undefined) {
          await this.#link(object, path)
          await rm(path, { force: true })
        }
      } finally {
        if (held) await this.#holds.release(state)
      }
      // Also where it was moved before: whoever moved it may have died before this.
      await this.#directories.sync(dirname(object))
      if (!clean) await this.#removeAll(state.key)
    }
    await this.#turns.take(state.key, () => onFiles(commit))
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
   * Appends in place only where nobody has appended since `from`, or is about to. Else the bytes beyond may be those of
   * a state that someone has recorded, or a dead process's, and this append goes on in a file of its own.
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
    return (await this.#openInPlace(from)) ?? this.#openCopy(from)
  }

  async #openInPlace(from: UploadState): Promise<OpenUpload | undefined> {
    if (!(await this.#holds.take(from))) return undefined
    let file: FileHandle | undefined
    try {
      if ((await this.#sizeAtLeast(from)) === from.size) file = await open(this.pathOf(from), 'r+')
    } finally {
      if (!file) await this.#holds.release(from)
    }
    return file && { state: from, file, held: from }
  }

  async #openCopy(from: UploadState): Promise<OpenUpload> {
    await this.#sizeAtLeast(from)
    const state = { ...from, token: newToken(), again: true }
    return { state, file: await this.#copy(from, this.pathOf(state)) }
  }

  /** The upload's own bytes in a file that is new, and open. */
  async #copy(from: UploadState, path: string): Promise<FileHandle> {
    let file: FileHandle | undefined
    try {
      await copyFile(this.pathOf(from), path, constants.COPYFILE_FICLONE)
      file = await open(path, 'r+')
      await file.truncate(from.size)
      return file
    } catch (error) {
      await file?.close()
      await rm(path, { force: true }).catch(() => undefined)
      throw error
    }
  }

  async #create(state: UploadState): Promise<FileHandle> {
    return this.#directories.put(this.#directory, () => open(this.pathOf(state), 'wx+'))
  }

  #objectOf(state: UploadState): string {
    return join(this.#root, state.key)
  }

  async #link(object: string, path: string): Promise<void> {
    await this.#directories.put(dirname(object), () => linkOrRename(path, object))
  }

  /**
   * A file that holds the upload's bytes and no others, and that nobody has open: the upload's own where it is `held`,
   * else a copy. `undefined` where the upload is the object already.
   */
  async #wholeFile(state: UploadState, held: boolean): Promise<string | undefined> {
    const upload = this.pathOf(state)
    const there = await unlessMissing(stat(upload))
    // Whoever made the file of an upload without bytes may have it open.
    if (held && state.size > 0 && there?.size === state.size) return upload
    const object = await unlessMissing(stat(this.#objectOf(state)))
    if (there === undefined && object?.size === state.size) return undefined
    if (state.size > (there?.size ?? 0)) throw lost(state)
    if (object && (await this.#isOneOf(state, object.ino))) return undefined
    const path = join(this.#directory, copyName(state))
    const file =
      state.size > 0
        ? await this.#copy(state, path)
        : await this.#directories.put(this.#directory, () => open(path, 'wx'))
    try {
      await file.sync()
    } finally {
      await file.close()
    }
    return path
  }

  /** A crash came between the two names of an object. */
  async #isOneOf(state: UploadState, inode: number): Promise<boolean> {
    for (const name of await this.#names()) {
      if (!name.startsWith(uploadName(state))) continue
      if ((await unlessMissing(stat(join(this.#directory, name))))?.ino === inode) return true
    }
    return false
  }

  async #sizeAtLeast(state: UploadState): Promise<number> {
    const there = await unlessMissing(stat(this.pathOf(state)))
    if (there === undefined || there.size < state.size) throw lost(state)
    return there.size
  }

  /** The uploads before what lies beside them: who holds one that is still there is to be seen. */
  async #removeAll(key: string): Promise<void> {
    const prefix = uploadPrefix(key)
    const names = (await this.#names()).filter((name) => name.startsWith(prefix))
    for (const name of names.toSorted((one, other) => one.length - other.length)) {
      await rm(join(this.#directory, name), { force: true })
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

/** A rename would replace what another thread has put there. */
async function linkOrRename(path: string, object: string): Promise<void> {
  try {
    await link(path, object)
  } catch (error) {
    // Some shared and removable file systems know no links; there the rename has to do.
    if (hasNoLinks(error)) return rename(path, object)
    if (!isThereAlready(error)) throw error
    // The same file under both names: a crash came between the two steps.
    const [there, ours] = await Promise.all([stat(object), stat(path)])
    if (there.ino !== ours.ino) throw new ObjectExistsError(object)
  }
}

/** A slow writer comes to a key that another one has filled since. */
class ObjectExistsError extends StorageError {
  constructor(path: string) {
    super('unavailable', `object ${path} is there already, from another writer`, undefined)
  }
}

const lost = ({ key, size }: UploadState): StorageError =>
  new StorageError('unavailable', `the ${size} bytes of the upload to ${key} are gone`, undefined)
