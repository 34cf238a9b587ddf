/**
 * Standard Webhooks: who gets a message knows by its signature who sent it, and when.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import { createHmac } from 'node:crypto'
import { DeliveryError } from '../ports/webhook-sender.ts'

const SECRET = /^whsec_([A-Za-z0-9+/]+={0,2})$/
const LEAST_BYTES = 24
const MOST_BYTES = 64

/** `now`: milliseconds. Throws `DeliveryError` for a secret that is none. Without one nothing is signed. */
export function signatureHeaders(
  id: string,
  now: number,
  body: string,
  secret: string | undefined,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(now / 1000))
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp }
  if (secret === undefined) return headers
  const key = Buffer.from(SECRET.exec(secret)?.[1] ?? '', 'base64')
  if (key.byteLength < LEAST_BYTES || key.byteLength > MOST_BYTES) {
    const form = `whsec_ and ${LEAST_BYTES} to ${MOST_BYTES} bytes in base64`
    throw new DeliveryError(`its secret is not ${form}`)
  }
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  return { ...headers, 'webhook-signature': `v1,${signature}` }
}
