import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync, renameSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { TAR_END, tarHeader, tarPadding } from './tar-header.ts'

const STEP = 4 * 1024 * 1024

/** A layer of `hello.txt` and a large file, which no memory need hold; as a blob of a layout, under its digest. */
export function writeBallastLayer(
  blobs: string,
  text: string,
  ballast: string,
): { readonly digest: string; readonly size: number } {
  const growing = join(blobs, 'growing')
  const layer = openSync(growing, 'w')
  const hash = createHash('sha256')
  let size = 0
  const add = (bytes: Buffer): void => {
    hash.update(bytes)
    size += writeSync(layer, bytes)
  }
  const hello = Buffer.from(text)
  add(Buffer.concat([tarHeader('hello.txt', hello.length), hello, tarPadding(hello.length)]))

  const bytes = statSync(ballast).size
  add(tarHeader('ballast', bytes))
  const source = openSync(ballast, 'r')
  const block = Buffer.alloc(STEP)
  for (let read = readSync(source, block); read > 0; read = readSync(source, block)) {
    add(block.subarray(0, read))
  }
  closeSync(source)
  add(Buffer.concat([tarPadding(bytes), TAR_END]))
  closeSync(layer)

  const hex = hash.digest('hex')
  renameSync(growing, join(blobs, hex))
  return { digest: `sha256:${hex}`, size }
}
