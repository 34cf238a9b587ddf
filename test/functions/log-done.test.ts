import { logDone } from '@sluice/functions/log-done'
import { afterEach, expect, it, vi } from 'vitest'

afterEach(() => {
  vi.unstubAllEnvs()
})

const written = (level: 'info' | 'warning'): string => {
  let all = ''
  logDone(level, 'swept', { blobs: 1, where: 'a\u2028b' }, (line) => {
    all += line
  })
  return all
}

it.each([
  ['', true, true],
  ['debug', true, true],
  ['info', true, true],
  ['warn', false, true],
  ['error', false, false],
])('a level of "%s" writes what was done: %s, and warnings: %s', (level, done, warnings) => {
  vi.stubEnv('SLUICE_LOG_LEVEL', level)
  expect([written('info') !== '', written('warning') !== '']).toEqual([done, warnings])
})

it('is one line of JSON, whatever it tells', () => {
  const line = written('warning')
  expect(line.trimEnd()).not.toMatch(/[\n\u2028\u2029]/)
  expect(JSON.parse(line)).toMatchObject({ level: 'warning', msg: 'swept', where: 'a\u2028b' })
})
