/** Secrets of one machine: a file each, named for the secret, which its owner wrote there. */
import type { Secrets } from '@sluice/core/ports/secrets'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onFiles, unlessMissing } from './file-error.ts'

/** Never one of another directory. */
const NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/

export class FileSecrets implements Secrets {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  /** Read anew each time: its owner may change it while the registry runs. A line break at its end is not part of it. */
  async read(name: string): Promise<string | undefined> {
    if (!NAME.test(name)) return undefined
    const text = await onFiles(() => unlessMissing(readFile(join(this.#directory, name), 'utf8')))
    return text?.replace(/\r?\n$/, '')
  }
}
