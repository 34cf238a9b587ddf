/** The token keys of a registry on one machine: a key set in a file of mode 0600. */
import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { SigningKeyStore } from '../identity/signing-key-store.ts'
import { SigningKeysError } from '../identity/signing-keys-error.ts'

/** Its methods reject with `SigningKeysError`. */
export class SigningKeysFile implements SigningKeyStore {
  readonly place: string
  readonly keptForMs = 2000
  readonly #file: string

  constructor(file: string) {
    this.#file = file
    this.place = `file ${file}`
  }

  async read(): Promise<string | undefined> {
    try {
      return await readFile(this.#file, 'utf8')
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw new SigningKeysError(this.place, 'cannot be read', error)
    }
  }

  /** Nobody is first beside: a data directory is one server's, and its first thread makes the file. */
  async create(text: string): Promise<string> {
    await this.replace(text)
    return text
  }

  /** Whole or not at all, whenever the power goes; and never readable by others, not even for a moment. */
  async replace(text: string): Promise<void> {
    const file = this.#file
    const temporary = `${file}.${randomUUID()}.tmp`
    try {
      await mkdir(dirname(file), { recursive: true })
      const handle = await open(temporary, 'wx', 0o600)
      try {
        // The command may be root's, and the server not.
        const before = await ownerOf(file)
        if (before && before.uid !== process.getuid?.()) await handle.chown(before.uid, before.gid)
        await handle.writeFile(text)
        await handle.sync()
      } finally {
        await handle.close()
      }
      await rename(temporary, file)
      const directory = await open(dirname(file))
      try {
        await directory.sync()
      } finally {
        await directory.close()
      }
    } catch (error) {
      await rm(temporary, { force: true })
      throw new SigningKeysError(this.place, 'cannot be written', error)
    }
  }
}

const ownerOf = (file: string) =>
  stat(file).catch((error: unknown) => {
    if (isNotFound(error)) return undefined
    throw error
  })

const isNotFound = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'
