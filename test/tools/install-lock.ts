import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { toolCache } from './tool-cache.ts'

const isBusy = (error: unknown): boolean =>
  error instanceof Error && /database is locked/.test(error.message)

/**
 * Only one process installs at a time. The lock is SQLite's on a file of its own: the kernel drops it when its holder dies, so none
 * is ever left behind by a killed run, which a lock file with a process id in it cannot promise.
 */
export async function withInstallLock<T>(work: () => Promise<T>): Promise<T> {
  mkdirSync(toolCache(), { recursive: true })
  const lock = new DatabaseSync(join(toolCache(), 'lock.sqlite'), { timeout: 0 })
  try {
    for (let waited = 0; ; waited++) {
      try {
        lock.exec('BEGIN EXCLUSIVE')
        break
      } catch (error) {
        if (!isBusy(error)) throw error
        if (waited === 0) console.error('tools: waiting for another installation to end')
        await sleep(500)
      }
    }
    return await work()
  } finally {
    lock.close()
  }
}
