import { mkdtemp, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pseudonymIn } from '@sluice/server/pseudonym-in'
import { afterEach, beforeEach, expect, it } from 'vitest'

const make = () => mkdtemp(join(tmpdir(), 'sluice-pseudonym-'))

let directories: string[]
beforeEach(async () => {
  directories = await Promise.all([make(), make()])
})
afterEach(async () => {
  for (const directory of directories) await rm(directory, { recursive: true })
})

it('is the same whenever it is asked for, and of each registry its own', () => {
  const [one, other] = directories.map((directory) => pseudonymIn(directory))
  expect(one).toMatch(/^sluice-[0-9a-f]{16}$/)
  expect(other).not.toBe(one)
  expect(directories.map((directory) => pseudonymIn(directory))).toEqual([one, other])
})

it('is drawn anew where its file lost its end', async () => {
  const [directory = ''] = directories
  const before = pseudonymIn(directory)
  await truncate(join(directory, 'registry.id'), 10)
  const after = pseudonymIn(directory)
  expect(after).not.toBe(before)
  expect(pseudonymIn(directory)).toBe(after)
})
