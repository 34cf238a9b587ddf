/**
 * Directories whose names are on stable storage. A file's name lives in its directory, and that directory's name in
 * its own: after a crash a synced file is there only if all of these were synced too.
 */
import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isMissing } from './file-error.ts'

/** A deletion may remove a directory between its creation and its use; it cannot win for ever. */
const MAX_ATTEMPTS = 20

export class DurableDirectories {
  readonly #top: string
  readonly #durable = new Set<string>()

  /** Whatever is above `top` is not this program's. */
  constructor(top: string) {
    this.#top = top
  }

  /** Runs what puts a name into `directory`, making the directory where it is missing. */
  async put<T>(directory: string, work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work()
      } catch (error) {
        if (!isMissing(error) || attempt === MAX_ATTEMPTS) throw error
      }
      this.forget(directory)
      await mkdir(directory, { recursive: true })
    }
  }

  /** Puts the names in `directory`, and its own, on stable storage. */
  async sync(directory: string): Promise<void> {
    await syncDirectory(directory)
    for (let at = directory; !this.#durable.has(at); at = dirname(at)) {
      await syncDirectory(dirname(at))
      this.#durable.add(at)
      if (at === this.#top) return
    }
  }

  /** The directory may be gone, or made anew. */
  forget(directory: string): void {
    for (let at = directory; at.length >= this.#top.length; at = dirname(at))
      this.#durable.delete(at)
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
