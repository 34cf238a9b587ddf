/** Random UUIDs (version 4), made many at once: each for itself costs as much as the line of log that it is for. */
import { randomFillSync } from 'node:crypto'

const MANY = 256
const BYTES = 16
const CHARACTERS = 36
const DIGITS = Buffer.from('0123456789abcdef')
const DASH = 0x2d

const bytes = Buffer.alloc(MANY * BYTES)
const written = Buffer.alloc(MANY * CHARACTERS)
let text = ''
let next = 0

export function requestId(): string {
  if (next === text.length) makeMore()
  return text.slice(next, (next += CHARACTERS))
}

/** RFC 9562, 5.4. */
function makeMore(): void {
  randomFillSync(bytes)
  let at = 0
  for (let byte = 0; byte < bytes.length; byte++) {
    const place = byte % BYTES
    let value = bytes[byte]!
    if (place === 6) value = (value & 0x0f) | 0x40
    if (place === 8) value = (value & 0x3f) | 0x80
    if (place === 4 || place === 6 || place === 8 || place === 10) written[at++] = DASH
    written[at++] = DIGITS[value >> 4]!
    written[at++] = DIGITS[value & 0x0f]!
  }
  text = written.toString('latin1')
  next = 0
}
