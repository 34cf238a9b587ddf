import * as fc from 'fast-check'
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { algorithmOf, digestOf, digestSoFar, parseDigest, startHash } from '@sluice/core/digest'
import { RegistryError, type ErrorCode } from '@sluice/core/errors'
import { parseReference, parseTag } from '@sluice/core/reference'
import { propertyRuns } from '../property-runs.ts'

function codeOf(parse: () => unknown): ErrorCode | undefined {
  try {
    parse()
    return undefined
  } catch (error) {
    if (error instanceof RegistryError) return error.code
    throw error
  }
}

const isTag = (text: string): boolean =>
  text.length >= 1 &&
  text.length <= 128 &&
  text
    .split('')
    .every((letter) =>
      'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-'.includes(letter),
    ) &&
  !text.startsWith('.') &&
  !text.startsWith('-')

const isDigest = (text: string): boolean => {
  const [algorithm, hex, ...rest] = text.split(':')
  const length = algorithm === 'sha256' ? 64 : algorithm === 'sha512' ? 128 : -1
  return (
    rest.length === 0 &&
    hex?.length === length &&
    hex.split('').every((digit) => '0123456789abcdef'.includes(digit))
  )
}

const hex = (length: number) =>
  fc.string({
    unit: fc.constantFrom(...'0123456789abcdefAg'.split('')),
    minLength: length - 1,
    maxLength: length + 1,
  })
const nearDigest = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('sha256', 'sha512', 'md5', 'SHA256', '', '__proto__', 'sha256 '),
      fc.constantFrom(':', '', '::', ' '),
      fc.oneof(hex(64), hex(128)),
    )
    .map((parts) => parts.join('')),
  fc
    .constantFrom('sha256', 'sha512')
    .chain((algorithm) =>
      fc.uint8Array().map((bytes) => digestOf(algorithm === 'sha256' ? 'sha256' : 'sha512', bytes)),
    ),
  fc.string(),
)

describe('tags', () => {
  it('are those of the grammar and no others', () => {
    const near = fc.string({
      unit: fc.constantFrom('a', 'Z', '0', '_', '.', '-', '/', ' ', '\n', '\0', 'é', '%'),
      maxLength: 130,
    })
    const long = fc.integer({ min: 0, max: 140 }).map((length) => 't'.repeat(length))
    fc.assert(
      fc.property(fc.oneof(near, long, fc.string()), (text) => {
        expect(codeOf(() => parseTag(text))).toBe(isTag(text) ? undefined : 'TAG_INVALID')
      }),
      propertyRuns(3000),
    )
  })
})

describe('digests', () => {
  it('are those of the grammar and no others', () => {
    fc.assert(
      fc.property(nearDigest, (text) => {
        expect(codeOf(() => parseDigest(text))).toBe(isDigest(text) ? undefined : 'DIGEST_INVALID')
      }),
      propertyRuns(3000),
    )
  })

  it('are what the hash of all pieces says, at every moment', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('sha256' as const, 'sha512' as const),
        fc.array(fc.uint8Array()),
        (algorithm, pieces) => {
          const hash = startHash(algorithm)
          const seen: Uint8Array[] = []
          for (const piece of pieces) {
            hash.update(piece)
            seen.push(piece)
            const expected = `${algorithm}:${createHash(algorithm).update(Buffer.concat(seen)).digest('hex')}`
            expect(digestSoFar(algorithm, hash)).toBe(expected)
            expect(digestOf(algorithm, Buffer.concat(seen))).toBe(expected)
            expect(algorithmOf(parseDigest(expected))).toBe(algorithm)
          }
        },
      ),
      propertyRuns(300),
    )
  })
})

describe('references', () => {
  it('are a digest where there is a colon, else a tag', () => {
    fc.assert(
      fc.property(fc.oneof(nearDigest, fc.string(), fc.string({ maxLength: 130 })), (text) => {
        const valid = text.includes(':') ? isDigest(text) : isTag(text)
        const code = text.includes(':') ? 'DIGEST_INVALID' : 'TAG_INVALID'
        expect(codeOf(() => parseReference(text))).toBe(valid ? undefined : code)
      }),
      propertyRuns(2000),
    )
  })
})
