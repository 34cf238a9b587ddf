import { expect, it } from 'vitest'
import {
  MAX_REMEMBERED_CHARACTERS,
  MAX_REMEMBERED_TOKENS,
  RememberedTokens,
} from '@sluice/adapters/identity/remembered-tokens'
import { ANONYMOUS } from '@sluice/core/ports/identity-provider'

const CONTENT = { identity: ANONYMOUS, access: [] }

it('forgets the oldest token when there are too many', () => {
  const tokens = new RememberedTokens()
  for (let i = 0; i <= MAX_REMEMBERED_TOKENS; i++) tokens.add(`token ${i}`, CONTENT, 10)
  expect(tokens.get('token 0', 0)).toBeUndefined()
  expect(tokens.get('token 1', 0)).toBe(CONTENT)
  expect(tokens.get(`token ${MAX_REMEMBERED_TOKENS}`, 0)).toBe(CONTENT)
})

it('forgets the oldest tokens when they are too long together', () => {
  const tokens = new RememberedTokens()
  const long = 'x'.repeat(MAX_REMEMBERED_CHARACTERS / 4)
  for (let i = 0; i < 4; i++) tokens.add(`${long}${i}`, CONTENT, 10)
  expect([0, 1, 2, 3].map((i) => tokens.get(`${long}${i}`, 0) !== undefined)).toEqual([
    false,
    true,
    true,
    true,
  ])
})

it('forgets a token whose time is over', () => {
  const tokens = new RememberedTokens()
  tokens.add('token', CONTENT, 10)
  expect(tokens.get('token', 9)).toBe(CONTENT)
  expect(tokens.get('token', 10)).toBeUndefined()
  expect(tokens.get('token', 9)).toBeUndefined()
})

it('takes no token for another that ends like it', () => {
  const tokens = new RememberedTokens()
  const end = 'x'.repeat(100)
  tokens.add(`one${end}`, CONTENT, 10)
  expect(tokens.get(`other${end}`, 0)).toBeUndefined()
  expect(tokens.get(`one${end}`, 0)).toBe(CONTENT)
  tokens.add(`other${end}`, CONTENT, 10)
  expect(tokens.get(`other${end}`, 0)).toBe(CONTENT)
  expect(tokens.get(`one${end}`, 0)).toBeUndefined()
})
