import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Pulled } from './client.ts'
import { fileDigest } from './write-large-layout.ts'

/** What an engine has unpacked, at the place where it shows it. */
export async function readPulledFiles(root: string): Promise<Pick<Pulled, 'text' | 'ballast'>> {
  const text = readFileSync(join(root, 'hello.txt'), 'utf8')
  const ballast = join(root, 'ballast')
  return existsSync(ballast) ? { text, ballast: await fileDigest(ballast) } : { text }
}
