import type { Pieces, Source } from '@sluice/core/ports/blob-store'
import { createHash, randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'

/** A key that no other test has. */
export function objectKey(): string {
  const random = randomUUID()
  return `blobs/${random.slice(0, 2)}/${random}`
}

/** The parts one after the other; an error among them is thrown in its turn. */
export async function* sourceOf(...parts: readonly (string | Uint8Array | Error)[]): Source {
  for (const part of parts) {
    if (part instanceof Error) throw part
    yield typeof part === 'string' ? Buffer.from(part) : part
  }
}

/** A client on a slow line. */
export async function* slowSource(...parts: readonly string[]): Source {
  for (const part of parts) {
    yield Buffer.from(part)
    await setTimeout(20)
  }
}

/** The same bytes each time, without a period that parts could hide in. */
export function* noise(bytes: number, seed: string): Generator<Uint8Array> {
  for (let left = bytes, count = 0; left > 0; count++) {
    const block = createHash('sha512').update(`${seed}${count}`).digest()
    const chunk = Buffer.concat(Array.from({ length: 1024 }, () => block)).subarray(0, left)
    left -= chunk.byteLength
    yield chunk
  }
}

export async function textOf(source: Pieces | undefined): Promise<string | undefined> {
  if (source === undefined) return undefined
  const chunks: Uint8Array[] = []
  for await (const chunk of source) chunks.push(new Uint8Array(chunk))
  return Buffer.concat(chunks).toString('latin1')
}

export async function digestOf(source: Source | Iterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of source) hash.update(chunk)
  return hash.digest('hex')
}
