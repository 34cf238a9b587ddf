import { expect, it } from 'vitest'
import { generatePassword } from '@sluice/adapters/identity/generate-password'

it('generates five groups of five characters that cannot be mistaken', () => {
  const passwords = Array.from({ length: 200 }, generatePassword)
  for (const password of passwords) {
    expect(password).toMatch(/^[a-zA-Z2-9]{5}(-[a-zA-Z2-9]{5}){4}$/)
    expect(password).not.toMatch(/[lIO01]/)
  }
  expect(new Set(passwords).size).toBe(passwords.length)
})
