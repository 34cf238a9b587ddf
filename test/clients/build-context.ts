import { linkSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A folder from which any builder makes an image of one layer, from scratch: a text and, where there is one, a large file. */
export function writeBuildContext(dir: string, text: string, ballast?: string): string {
  const context = mkdtempSync(join(dir, 'context-'))
  writeFileSync(join(context, 'hello.txt'), text)
  if (ballast !== undefined) linkSync(ballast, join(context, 'ballast'))
  const command = 'CMD ["/hello.txt"]'
  // Docker takes a step without files, which it has made before, for whatever platform that was; so the command comes last.
  const steps = ['COPY hello.txt /', command]
  // With vfs each step after a layer would be a copy of it; so with ballast the layer comes last.
  const heavy = [command, 'COPY hello.txt ballast /']
  const file = ['FROM scratch', ...(ballast === undefined ? steps : heavy), '']
  writeFileSync(join(context, 'Dockerfile'), file.join('\n'))
  return context
}
