import type { GatewayRules } from '../gateway-rules.ts'

const TEXT = /^(?:text\/.*|application\/(?:json|javascript|xml))$/

/** Text is passed as text, and what is not UTF-8 in it is lost; all else, and what has no type, as base64. */
export function eventBody(
  contentType: string | undefined,
  bytes: Buffer,
  rules: GatewayRules,
): { readonly body?: string; readonly isBase64Encoded: boolean } {
  if (bytes.byteLength === 0) return { isBase64Encoded: false }
  const type = (contentType ?? '').split(';', 1)[0]!.trim().toLowerCase()
  const isText = TEXT.test(type) || (rules.plusJsonIsText && type.endsWith('+json'))
  return isText
    ? { body: bytes.toString('utf8'), isBase64Encoded: false }
    : { body: bytes.toString('base64'), isBase64Encoded: true }
}
