/** The app's response as an HTTP API takes it (payload version 2.0). */
import { isUtf8 } from 'node:buffer'
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda'

/**
 * Bytes of JSON that a function may answer with; a longer answer is lost, and the runtime with it.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const MAX_RESULT_BYTES = 6 * 1024 * 1024

/** JSON writes one byte as at most six (`\u0000`): a body so short fits in any case, with room for the headers. */
const SURELY_FITS = MAX_RESULT_BYTES / 8

export class ResultTooLargeError extends Error {
  override readonly name = 'ResultTooLargeError'
}

/**
 * Text stays text where that is exact, which halves what a manifest takes; all else goes as base64. Throws
 * ResultTooLargeError, and reads no further, when Lambda would not take the answer.
 */
export async function resultOf(response: Response): Promise<APIGatewayProxyStructuredResultV2> {
  const bytes = await bodyOf(response)
  const headers = Object.fromEntries(response.headers)
  // The gateway measures the body itself, and refuses to be told.
  delete headers['content-length']
  const result = { statusCode: response.status, headers, ...carried(bytes) }
  if (bytes.byteLength > SURELY_FITS && jsonBytes(result) > MAX_RESULT_BYTES) throw tooLarge()
  return result
}

function carried(bytes: Buffer): { readonly body: string; readonly isBase64Encoded: boolean } {
  const text = isUtf8(bytes) ? bytes.toString('utf8') : undefined
  const inBase64 = Math.ceil(bytes.byteLength / 3) * 4
  // Quotes and line breaks take two bytes each: JSON in JSON may be the longer form.
  const asText =
    text !== undefined && (bytes.byteLength <= SURELY_FITS || jsonBytes(text) <= inBase64 + 2)
  return asText
    ? { body: text, isBase64Encoded: false }
    : { body: bytes.toString('base64'), isBase64Encoded: true }
}

const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))

async function bodyOf({ body }: Response): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of body ?? []) {
    bytes += piece.byteLength
    if (bytes > MAX_RESULT_BYTES) throw tooLarge()
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

const tooLarge = (): Error =>
  new ResultTooLargeError(`the answer takes more than the ${MAX_RESULT_BYTES} bytes of one result`)
