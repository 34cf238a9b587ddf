/** What the registry of a data directory calls itself to others: drawn at its first start, the same in all its threads. */
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pseudonymOf } from '@sluice/core/upstream/pseudonym'

const DRAWN = /^[0-9a-f]{32}$/

/** The first thread of a server asks before there are others. A file that was cut off is drawn anew. */
export function pseudonymIn(dataDir: string): string {
  const file = join(dataDir, 'registry.id')
  const id = readIfThere(file).trim()
  if (DRAWN.test(id)) return pseudonymOf(id)
  const drawn = randomBytes(16).toString('hex')
  writeFileSync(file, `${drawn}\n`)
  return pseudonymOf(drawn)
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  }
}
