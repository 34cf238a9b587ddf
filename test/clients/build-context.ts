import { linkSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A folder from which any builder makes an image of one layer, from scratch: a text and, where there is one, a large file. */
export function writeBuildContext(dir: string, text: string, ballast?: string): string {
  const context = mkdtempSync(join(dir, 'context-'))
  writeFileSync(join(context, 'hello.txt'), text)
  if (ballast !== undefined) linkSync(ballast, join(context, 'ballast'))
  // The layer comes last: with vfs each step after it would be a copy of it.
  const files = ballast === undefined ? 'hello.txt' : 'hello.txt ballast'
  writeFileSync(join(context, 'Dockerfile'), `FROM scratch\nCMD ["/hello.txt"]\nCOPY ${files} /\n`)
  return context
}
