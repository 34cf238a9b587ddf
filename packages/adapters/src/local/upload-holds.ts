/**
 * Who may write to an upload's file, among threads and processes that know nothing of each other: whoever made the file
 * `<upload>.<size>` beside it, where `size` is what the upload had, and then found that it still has so much. The name
 * comes before the file is opened and goes after it is closed, so that whoever makes it knows that nobody has the file
 * open, however long one of them sleeps between two steps. The name that a dead one leaves stays until the upload goes:
 * then one copies what one needs.
 */
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { DurableDirectories } from './durable-directories.ts'
import { isThereAlready } from './file-error.ts'
import { uploadName } from './upload-state.ts'
import type { UploadState } from './upload-state.ts'

export class UploadHolds {
  readonly #directory: string
  readonly #directories: DurableDirectories

  constructor(directory: string, directories: DurableDirectories) {
    this.#directory = directory
    this.#directories = directories
  }

  /** False where another one has it, or died with it. */
  async take(state: UploadState): Promise<boolean> {
    const path = this.#pathOf(state)
    try {
      const file = await this.#directories.put(this.#directory, () => open(path, 'wx'))
      await file.close()
      return true
    } catch (error) {
      if (isThereAlready(error)) return false
      throw error
    }
  }

  /** Where this fails the name stays, and nothing is wrong but that the next one copies. */
  async release(state: UploadState): Promise<void> {
    await rm(this.#pathOf(state), { force: true }).catch(() => undefined)
  }

  #pathOf(state: UploadState): string {
    return join(this.#directory, `${uploadName(state)}.${state.size}`)
  }
}
