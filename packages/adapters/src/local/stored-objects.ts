/** The objects under a root in the order of their keys, one directory's names in memory at a time. */
import type { StoredObject } from '@sluice/core/ports/blob-store'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { unlessMissing } from './file-error.ts'
import { UPLOADS } from '../shared/object-key.ts'

/** Not ours, such as `lost+found`. */
const NAME = /^[a-z0-9_-]+$/

export async function* storedObjects(
  root: string,
  after: string,
  above = '',
): AsyncGenerator<StoredObject> {
  const entries = await unlessMissing(readdir(join(root, above), { withFileTypes: true }))
  const keys: string[] = []
  for (const entry of entries ?? []) {
    const key = above + entry.name
    if (!NAME.test(entry.name) || key === UPLOADS) continue
    // With its slash a directory sorts where the keys in it do: `a-b` < `a/b`.
    if (entry.isDirectory()) keys.push(`${key}/`)
    else if (entry.isFile()) keys.push(key)
  }
  for (const key of keys.toSorted()) {
    if (key.endsWith('/')) {
      if (key > after || after.startsWith(key)) yield* storedObjects(root, after, key)
    } else if (key > after) {
      const found = await unlessMissing(stat(join(root, key)))
      if (found) yield { key, size: found.size, modifiedAt: Math.floor(found.mtimeMs) }
    }
  }
}
