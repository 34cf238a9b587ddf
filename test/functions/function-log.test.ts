import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { functionLog } from '@sluice/functions/function-log'
import type { Log } from '@sluice/core/ports/log'
import { afterEach, beforeEach, expect, it } from 'vitest'

let directory: string
let descriptor: number

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-function-log-'))
  descriptor = openSync(join(directory, 'log'), 'w')
})
afterEach(() => {
  closeSync(descriptor)
  rmSync(directory, { recursive: true })
})

/** What is there when the call returns: a function may be frozen then. */
function written(env: NodeJS.ProcessEnv, say: (log: Log) => void): string {
  say(functionLog(env, descriptor))
  return readFileSync(join(directory, 'log'), 'utf8')
}

it.each([
  ['', 'info'],
  ['debug', 'debug'],
  ['warn', 'warning'],
  ['error', 'error'],
])('a level of "%s" writes lines from %s on', (level, least) => {
  const lines = written({ SLUICE_LOG_LEVEL: level }, (log) => {
    log.debug('one')
    log.info('two')
    log.warn('three')
    log.error('four')
  })
  const all = ['debug', 'info', 'warning', 'error']
  const levels = lines
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { level: string }).level)
  expect(levels).toEqual(all.slice(all.indexOf(least)))
})

it('is one line of JSON, whatever it tells, causes included', () => {
  const thrown = new Error('a\nb', { cause: new Error('the cause') })
  const fields = { 'http.request.uri': '/v2/\n\u2028', upstreams: ['docker.io'] }
  const line = written({}, (log) => log.error('a request failed', fields, thrown))
  expect(line.trimEnd()).not.toMatch(/[\n\u2028\u2029]/)
  expect(JSON.parse(line)).toMatchObject({
    level: 'error',
    msg: 'a request failed',
    ...fields,
    error: expect.stringMatching(/a\nb[^]*caused by: Error: the cause/) as unknown,
  })
})
