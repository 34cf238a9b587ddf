/** Headers that anybody may write: whatever they hold is read without an error, and what is well written is read right. */
import { nextLink } from '@sluice/adapters/upstream/next-link'
import { parseChallenges } from '@sluice/adapters/upstream/parse-challenges'
import { parseContentRange } from '@sluice/adapters/upstream/parse-content-range'
import { retryAfter } from '@sluice/adapters/upstream/retry-after'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { propertyRuns } from '../../property-runs.ts'

const RUNS = propertyRuns(500)
const oneOf = (characters: string) => fc.constantFrom(...characters.split(''))
const token = fc.string({ unit: oneOf('abcxyz-_.!'), minLength: 1, maxLength: 8 })
const text = fc.string({ unit: oneOf('abc =,"\\:/?;<>'), maxLength: 20 })
const parameters = fc.uniqueArray(fc.tuple(token, text), { selector: ([name]) => name })
const challenges = fc.array(
  fc.record({ scheme: token, parameters: parameters.filter(({ length }) => length > 0) }),
)

const quoted = (value: string): string => `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`

it('reads challenges, their parameters in any order and with anything in quotes', () => {
  fc.assert(
    fc.property(challenges, fc.constantFrom(',', ', ', ' , ', ',,'), (list, comma) => {
      const header = list
        .map((one) => {
          const pairs = one.parameters.map(([name, value]) => `${name}=${quoted(value)}`)
          return `${one.scheme} ${pairs.join(comma)}`
        })
        .join(comma)
      const found = parseChallenges(header).map((one) => ({
        scheme: one.scheme,
        parameters: [...one.parameters],
      }))
      expect(found).toEqual(list)
    }),
    RUNS,
  )
})

it('reads whatever else without an error', () => {
  const pieces = fc.constantFrom('Bearer', 'realm', '=', '"', '\\', ',', ' ', '<', '>', ';', 'rel')
  const header = fc.oneof(
    fc.string(),
    fc.array(pieces, { maxLength: 200 }).map((all) => all.join('')),
  )
  fc.assert(
    fc.property(header, (value) => {
      expect(parseChallenges(value)).toBeInstanceOf(Array)
      expect(['string', 'undefined']).toContain(typeof nextLink(value))
      expect(parseContentRange(value)).toBeUndefined()
      expect(['number', 'undefined']).toContain(typeof retryAfter(value, 0))
    }),
    RUNS,
  )
})

it('reads the longest header without going over it again and again', () => {
  const most = 32 * 1024
  for (const piece of ['a', ' ', ',', '"', '\\"', 'a=', 'a="', 'a ', '<', '<a>', '; rel', ';']) {
    const header = `Bearer realm=x, ${piece.repeat(most / piece.length)}`
    expect(parseChallenges(header).length).toBeGreaterThan(0)
    expect(nextLink(`</a>; ${header}`)).toBeUndefined()
  }
})

it('finds the next link among others', () => {
  const target = fc.string({ unit: oneOf('abc/?=&;,'), maxLength: 20 })
  fc.assert(
    fc.property(target, fc.constantFrom('rel="next"', 'rel=next', 'REL="Next"'), (to, rel) => {
      expect(nextLink(`<${to}>; ${rel}`)).toBe(to)
      expect(nextLink(`</p>; rel="prev", <${to}>; title=x; ${rel}, </l>; rel=last`)).toBe(to)
      expect(nextLink(`<${to}>; rel="prev"`)).toBeUndefined()
    }),
    RUNS,
  )
})
