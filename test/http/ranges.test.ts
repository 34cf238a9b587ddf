import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BlobRangeError, RegistryError } from '@sluice/core/errors'
import type { LinkRecord } from '@sluice/core/records/blob-record'
import { parseRange } from '@sluice/http/byte-range'
import { contentRange } from '@sluice/http/content-range'
import { propertyRuns } from '../property-runs.ts'
import { openTemporaryRegistry, type TemporaryRegistry } from '../temporary-registry.ts'

/** Each byte on its own: is it asked for? */
function bytesAskedFor(first: string, last: string, size: number): readonly number[] {
  const all = Array.from({ length: size }, (_, at) => at)
  if (first === '') return all.filter((at) => at >= size - Number(last))
  return all.filter((at) => at >= Number(first) && (last === '' || at <= Number(last)))
}

const number = fc.oneof(
  fc.integer({ min: 0, max: 30 }).map(String),
  fc.constantFrom('', '00', '999999999999999'),
)

describe('ranges of a blob', () => {
  let temporary: TemporaryRegistry
  beforeAll(async () => {
    temporary = await openTemporaryRegistry()
  })
  afterAll(() => temporary.close())

  it('hold the bytes that are asked for, all of them and no others', () => {
    fc.assert(
      fc.property(number, number, fc.integer({ min: 0, max: 25 }), (first, last, size) => {
        const blob: LinkRecord = { size, key: 'k', refs: 0, touchedAt: 0, from: undefined }
        const asked = parseRange(`bytes=${first}-${last}`, size)
        if (first === '' && last === '') return asked === undefined
        const expected = bytesAskedFor(first, last, size)
        try {
          if (!asked) return false
          const { start, end } = temporary.registry.blobs.clip(blob, asked)
          return start === expected[0] && end === expected.at(-1)
        } catch (error) {
          return error instanceof BlobRangeError && error.size === size && expected.length === 0
        }
      }),
      propertyRuns(3000),
    )
    expect.assertions(0)
  })

  it('are the whole where the header is anything else', () => {
    const odd = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(...'bytes=-0123456789, '.split('')) }),
    )
    fc.assert(
      fc.property(odd, fc.nat(), (header, size) => {
        fc.pre(!/^bytes=\d*-\d*$/.test(header.trim()))
        expect(parseRange(header, size)).toBeUndefined()
      }),
      propertyRuns(2000),
    )
  })
})

/** What it answers, or the kind of error that it throws. */
function outcomeOf(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error instanceof Error ? error.constructor : error
  }
}

describe('Content-Range', () => {
  it('is read as it is written, or refused', () => {
    const form = fc.constantFrom('', 'bytes ', 'bytes=')
    const total = fc.constantFrom('', '/*', '/100')
    const nat = fc.nat({ max: 2000 })
    fc.assert(
      fc.property(
        form,
        nat,
        nat,
        total,
        fc.option(nat, { nil: undefined }),
        (before, start, end, after, announced) => {
          const length = end - start + 1
          const right = length >= 0 && (announced === undefined || announced === length)
          const read = () => contentRange(`${before}${start}-${end}${after}`, announced)
          expect(outcomeOf(read)).toEqual(right ? { start, length } : RegistryError)
        },
      ),
      propertyRuns(2000),
    )
  })

  it('is refused when it is anything else', () => {
    const odd = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(...'bytes=-0123456789/* '.split('')) }),
    )
    fc.assert(
      fc.property(odd, (header) => {
        fc.pre(!/^(bytes[ =])?\d+-\d+(\/(\d+|\*))?$/.test(header.trim()))
        expect(() => contentRange(header, undefined)).toThrow(RegistryError)
      }),
      propertyRuns(2000),
    )
  })
})
