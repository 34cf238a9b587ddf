import { readFileSync } from 'node:fs'
import { VERSION } from '@sluice/core/version'
import { expect, it } from 'vitest'

it('is what the package says', () => {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  expect((JSON.parse(text) as { version: string }).version).toBe(VERSION)
})
