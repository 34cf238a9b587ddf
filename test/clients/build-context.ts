import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A folder from which any builder makes an image of one file, from scratch. */
export function writeBuildContext(dir: string, text: string): string {
  const context = mkdtempSync(join(dir, 'context-'))
  writeFileSync(join(context, 'hello.txt'), text)
  writeFileSync(
    join(context, 'Dockerfile'),
    'FROM scratch\nCOPY hello.txt /hello.txt\nCMD ["/hello.txt"]\n',
  )
  return context
}
