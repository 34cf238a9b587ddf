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
  /** Which directory had its name there: another thread or process may have made it anew since. */
  readonly #durable = new Map<string, string>()

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
    let at = directory
    let identity = await syncDirectory(at)
    while (this.#durable.get(at) !== identity) {
      const above = await syncDirectory(dirname(at))
      this.#durable.set(at, identity)
      if (at === this.#top) return
      at = dirname(at)
      identity = above
    }
  }

  /** The directory may be gone, or made anew. */
  forget(directory: string): void {
    for (let at = directory; at.length >= this.#top.length; at = dirname(at))
      this.#durable.delete(at)
  }
}

/** Answers what tells the directory from another one at the same path. */
async function syncDirectory(directory: string): Promise<string> {
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
    const { ino, birthtimeNs } = await handle.stat({ bigint: true })
    return `${ino} ${birthtimeNs}`
  } finally {
    await handle.close()
  }
}
