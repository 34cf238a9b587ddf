import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LineLog } from '@sluice/adapters/log/line-log'
import { jsonLine, textLine } from '@sluice/adapters/log/log-line'
import type { LogValue } from '@sluice/core/ports/log'
import { cpuTime } from '../../cpu-time.ts'

const TIME = '2026-11-24T22:59:07.123Z'
const LOG_MODULE = new URL('../../../packages/adapters/src/log/line-log.ts', import.meta.url).href

const programThatLogs = (body: string): string =>
  `import { LineLog } from ${JSON.stringify(LOG_MODULE)}
   const log = new LineLog({ level: 'info', format: 'text' })
   ${body}`

const nodeArguments = (body: string): string[] => [
  '--input-type=module-typescript',
  '--eval',
  programThatLogs(body),
]

describe('a line of text', () => {
  it('is what logrus writes', () => {
    expect(textLine(TIME, 'info', 'response completed', { status: 200, path: '/v2/a/b' })).toBe(
      `time="${TIME}" level=info msg="response completed" status=200 path=/v2/a/b\n`,
    )
    expect(textLine(TIME, 'warn', 'slow', {})).toBe(`time="${TIME}" level=warning msg=slow\n`)
  })

  it('quotes a value only when it needs to', () => {
    const fields = {
      plain: 'a-b.c/d@e^f+g_h1',
      empty: '',
      spaced: 'a b',
      pair: 'a=b',
      not: undefined,
    }
    expect(textLine(TIME, 'info', 'm', fields)).toBe(
      `time="${TIME}" level=info msg=m plain=a-b.c/d@e^f+g_h1 empty="" spaced="a b" pair="a=b"\n`,
    )
  })

  it('lets no value start a line, end a quote or speak to a terminal', () => {
    const line = textLine(TIME, 'error', 'a\nlevel=info', {
      quote: 'a" level="info',
      terminal: '\u001b[2J\u009b2J\u007f\u0000',
      separator: 'a\u2028b',
      'na me\n': 'x',
    })
    expect(line).toBe(
      String.raw`time="${TIME}" level=error msg="a\nlevel=info" quote="a\" level=\"info" ` +
        String.raw`terminal="\u001b[2J\u009b2J\u007f\u0000" separator="a\u2028b" na_me_=x` +
        '\n',
    )
  })
})

it('a line of JSON is one object and one line', () => {
  const line = jsonLine(TIME, 'warn', 'a\nb', { status: 200, path: '/ä\u009b' })
  expect(line).toMatch(/^[^\n\u009b]*\n$/)
  expect(JSON.parse(line)).toEqual({
    time: TIME,
    level: 'warning',
    msg: 'a\nb',
    status: 200,
    path: '/ä\u009b',
  })
})

describe('LineLog', () => {
  let directory: string
  let file: string
  let descriptor: number

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'sluice-log-'))
    file = join(directory, 'log')
    descriptor = openSync(file, 'w')
  })
  afterEach(() => {
    closeSync(descriptor)
    rmSync(directory, { recursive: true })
  })

  it('leaves out what is below its level', () => {
    const log = new LineLog({ level: 'warn', format: 'text', descriptor })
    log.debug('one')
    log.info('two')
    log.warn('three')
    log.error('four')
    log.flush()
    expect(readFileSync(file, 'utf8').match(/msg=\w+/g)).toEqual(['msg=three', 'msg=four'])
  })

  it('writes by itself when the event loop turns', async () => {
    new LineLog({ level: 'info', format: 'text', descriptor }).info('soon')
    expect(readFileSync(file, 'utf8')).toBe('')
    await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setImmediate(resolve))
    expect(readFileSync(file, 'utf8')).toContain('msg=soon')
  })

  it('tells an error with its causes in one line', () => {
    const log = new LineLog({ level: 'info', format: 'text', descriptor })
    log.error('failed', { path: '/' }, new Error('outer', { cause: new Error('inner') }))
    log.flush()
    const text = readFileSync(file, 'utf8')
    expect(text.split('\n')).toHaveLength(2)
    expect(text).toMatch(/Error: outer.*caused by: Error: inner/)
  })

  it('is cheap: thirty thousand lines take less than half a second', async () => {
    const log = new LineLog({ level: 'info', format: 'text', descriptor })
    const spent = await cpuTime(() => {
      for (let i = 0; i < 30_000; i++) {
        log.info('response completed', {
          method: 'GET',
          path: '/v2/a/b/manifests/latest',
          status: 200,
        })
      }
      log.flush()
    })
    expect(spent).toBeLessThan(500)
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(30_001)
  })

  it('throws nothing when it cannot be written, and goes on when it can', () => {
    const full = openSync('/dev/full', 'w')
    const log = new LineLog({ level: 'info', format: 'text', descriptor: full })
    log.info('lost')
    expect(() => log.flush()).not.toThrow()
    closeSync(full)
    log.info('lost as well')
    expect(() => log.flush()).not.toThrow()
  })

  it('loses no line when the program ends', () => {
    const ended = spawnSync(
      process.execPath,
      nodeArguments("for (let i = 0; i < 20_000; i++) log.info('line', { i }); process.exit(0)"),
      { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
    )
    expect(ended.status).toBe(0)
    const numbers = ended.stderr.match(/i=\d+/g)
    expect(numbers).toHaveLength(20_000)
    expect(numbers?.at(-1)).toBe('i=19999')
  })

  it('keeps lines whole and in order for a reader who is slow, and sets no limit to one of them', () => {
    const pipe = join(directory, 'pipe')
    spawnSync('mkfifo', [pipe])
    const from = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK)
    const to = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK)
    const log = new LineLog({ level: 'info', format: 'text', descriptor: to })
    const piece = Buffer.alloc(10_000)
    let text = ''
    const readSome = (): void => {
      log.flush()
      text += piece.toString('latin1', 0, readSync(from, piece))
    }
    for (let i = 0; i < 10_000; i++) {
      log.info('line', { i, long: i === 5000 ? 'a'.repeat(100_000) : undefined })
      if (i % 1000 === 999) readSome()
    }
    while (!text.includes('i=9999\n')) readSome()
    closeSync(from)
    closeSync(to)
    const numbers = text.trimEnd().split('\n')
    expect(
      numbers.map((line) => Number(/^time=\S+ level=info msg=line i=(\d+)/.exec(line)?.[1])),
    ).toEqual(Array.from({ length: 10_000 }, (_, i) => i))
    expect(numbers[5000]).toHaveLength(numbers[4999]!.length + ' long='.length + 100_000)
  })

  it.each(['text', 'json'] as const)('has forms whose lines of %s are those of info', (format) => {
    const names = ['id', 'na me', 'user', 'status']
    const rows: LogValue[][] = [
      ['a', 'b', undefined, 200],
      ['a', 'b', 'kube:admin', 404],
      ['b', undefined, 'kube:admin', undefined],
      ['b', '', 'x" level="error', NaN],
      ['"\nlevel=info', '\u009b2J\u2028', 'ä\ud800', 200],
      [undefined, 'b', '', 1.5],
    ]
    const log = new LineLog({ level: 'info', format, descriptor })
    const form = log.form('a message', names, ['id', 'status'])
    for (const row of rows) {
      form.write(row)
      log.info('a message', Object.fromEntries(names.map((name, at) => [name, row[at]])))
    }
    log.flush()
    const lines = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/time\W+[\d:.TZ-]+/, ''))
    expect(lines).toHaveLength(2 * rows.length)
    expect(lines.filter((_, at) => at % 2 === 0)).toEqual(lines.filter((_, at) => at % 2 === 1))
  })

  it('writes nothing of forms above their level', () => {
    const log = new LineLog({ level: 'warn', format: 'text', descriptor })
    log.form('m', ['a'], []).write(['b'])
    log.flush()
    expect(readFileSync(file, 'utf8')).toBe('')
  })

  it('outlives the reader of its pipe', async () => {
    const body = "setInterval(() => log.info('line'), 1); setTimeout(() => process.exit(7), 300)"
    const child = spawn(process.execPath, nodeArguments(body), {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    await once(child.stderr, 'data')
    child.stderr.destroy()
    const [code] = await once(child, 'exit')
    expect(code).toBe(7)
  })
})
