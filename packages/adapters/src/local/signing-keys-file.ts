/** The token keys of a registry on one machine: a key set in a file of mode 0600. */
import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createKeySet, parseKeySet, SigningKeysError } from '../identity/signing-key-set.ts'
import type { SigningKeys } from '../identity/signing-keys.ts'

export { SigningKeysError }

/** Reads the keys, or makes the file with one new key where there is none. Throws `SigningKeysError`. */
export async function openSigningKeysFile(file: string): Promise<SigningKeys> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (!isNotFound(error)) throw new SigningKeysError(`file ${file}`, 'cannot be read', error)
    text = await createKeySet()
    await writeDurably(file, text)
  }
  return parseKeySet(`file ${file}`, text)
}

const isNotFound = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'

/** Whole or not at all, whenever the power goes; and never readable by others, not even for a moment. */
async function writeDurably(file: string, text: string): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`
  try {
    await mkdir(dirname(file), { recursive: true })
    const handle = await open(temporary, 'wx', 0o600)
    try {
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
    throw new SigningKeysError(`file ${file}`, 'cannot be written', error)
  }
}
