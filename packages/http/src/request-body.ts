/** A request's bytes, from the door where it gives them, else from fetch's stream. */
import { RegistryError, type ErrorCode } from '@sluice/core/errors'
import type { AppContext } from './app-environment.ts'

/** Spec "Pushing Manifests": a body over the limit is answered with 413, whatever the code. */
export class BodyTooLargeError extends RegistryError {
  override readonly name = 'BodyTooLargeError'
}

export function bodySource(c: AppContext): AsyncIterable<Uint8Array> {
  return c.env?.body ?? c.req.raw.body ?? empty()
}

/** The announced length; `undefined` when the body's end is announced by its end. */
export function bodyLength(c: AppContext): number | undefined {
  const header = c.req.header('content-length')
  if (header !== undefined && /^\d{1,15}$/.test(header)) return Number(header)
  return c.req.header('transfer-encoding') === undefined ? 0 : undefined
}

/** The whole body, refused with `code` as soon as it is larger than `most` bytes. */
export async function readBody(c: AppContext, most: number, code: ErrorCode): Promise<Uint8Array> {
  const refusal = new BodyTooLargeError(code, `the body has more than ${most} bytes`)
  if ((bodyLength(c) ?? 0) > most) throw refusal
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of bodySource(c)) {
    bytes += piece.byteLength
    if (bytes > most) throw refusal
    pieces.push(piece)
  }
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
}

async function* empty(): AsyncIterable<Uint8Array> {}
