import { execFile } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface SmallDisk {
  readonly directory: string
  remove(): Promise<void>
}

/** A file system of its own with so little room; undefined for who may not mount one. */
export async function smallDisk(megabytes: number): Promise<SmallDisk | undefined> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-disk-'))
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', directory])
  } catch {
    await rm(directory, { recursive: true })
    return undefined
  }
  return {
    directory,
    remove: async () => {
      await run('umount', ['--lazy', directory])
      await rm(directory, { recursive: true })
    },
  }
}
