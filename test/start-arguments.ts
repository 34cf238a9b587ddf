/**
 * What `npm start` gives to Node, so that every proof runs the server as its users do. Of the flags in it one keeps V8's
 * young generation small: a server that streams leaves little else to collect than buffers of 64 KiB, and waiting for more of
 * them only costs memory. The other has V8 collect the old one when there are 64 MB of it: with a heap as small as the
 * registry's it would after every few MB that stream through, a third of what a cold layer costs.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const ROOT = new URL('../', import.meta.url)
const { scripts } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as {
  readonly scripts: { readonly start: string }
}

export const START_ARGUMENTS: readonly string[] = scripts.start
  .split(' ')
  .slice(1)
  .map((part) => (part.startsWith('-') ? part : fileURLToPath(new URL(part, ROOT))))
