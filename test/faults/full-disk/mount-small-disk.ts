import { execFile } from 'node:child_process'
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface SmallDisk {
  readonly directory: string
  freeBytes(): Promise<number>
  /** Takes all room that is left, or all but so many bytes. Answers what gives it back. */
  fill(butBytes?: number): Promise<() => Promise<void>>
  remove(): Promise<void>
}

/** Rejects where nothing may be mounted: a proof that cannot run has not succeeded. */
export async function mountSmallDisk(megabytes: number): Promise<SmallDisk> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-full-'))
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', directory])
  } catch (cause) {
    await rm(directory, { recursive: true })
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`the full disk is not proved, since no tmpfs can be mounted: ${reason}`, {
      cause,
    })
  }
  const freeBytes = async (): Promise<number> => {
    const { bavail, bsize } = await statfs(directory)
    return bavail * bsize
  }
  let files = 0
  return {
    directory,
    freeBytes,
    fill: async (butBytes = 0) => {
      const file = join(directory, `ballast-${++files}`)
      await writeFile(file, Buffer.alloc(Math.max(0, (await freeBytes()) - butBytes)))
      return () => rm(file, { force: true })
    },
    remove: async () => {
      await run('umount', ['--lazy', directory])
      await rm(directory, { recursive: true })
    },
  }
}
