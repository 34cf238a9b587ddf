import { newKey } from '@sluice/adapters/identity/signing-key-set'
import { expect, it } from 'vitest'

/** Of thumbprints in base64url one in 64 begins with a dash: so many without one are no chance. */
const DRAWN = 1000

it('names no new key so that a command line takes it for an option', async () => {
  const kids = await Promise.all(Array.from({ length: DRAWN }, async () => (await newKey()).kid))
  expect(new Set(kids).size).toBe(DRAWN)
  expect(kids.filter((kid) => kid.startsWith('-'))).toEqual([])
})
