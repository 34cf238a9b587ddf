import { mkdtempSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KeptLog, MAX_FILES } from '@sluice/adapters/log/kept-log'
import { KeptLogReader } from '@sluice/adapters/log/kept-log-reader'
import { jsonLine, textLine } from '@sluice/adapters/log/log-line'
import type { LogQuery } from '@sluice/core/ports/log-reader'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const BEGIN = Date.parse('2026-11-27T10:00:00.000Z')
const MAX = 1000

let directory: string
let path: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-kept-'))
  path = join(directory, 'server.log')
})
afterEach(() => rmSync(directory, { recursive: true }))

const line = (n: number, format = textLine): Buffer =>
  Buffer.from(format(new Date(BEGIN + n * 1000).toISOString(), 'info', 'line', { n }))

async function numbers(query: LogQuery = {}): Promise<number[]> {
  const lines = await new KeptLogReader('server', path).read('server', query)
  const read = await Array.fromAsync(lines ?? [])
  return read.map(({ at, text }) => {
    const n = Number(/n"?[=:](\d+)/.exec(text)?.[1])
    expect(at).toBe(BEGIN + n * 1000)
    return n
  })
}

/** Of the log of this test. */
const openFiles = (): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(path)
    } catch {
      return false
    }
  }).length

const upTo = (end: number, begin = 0): number[] =>
  Array.from({ length: end - begin }, (_, at) => begin + at)

describe('a log that is kept', () => {
  it('is read as it was written, by whichever format, over restarts', async () => {
    const first = new KeptLog({ path })
    for (const n of upTo(3)) first.write(line(n))
    const second = new KeptLog({ path })
    for (const n of upTo(6, 3)) second.write(line(n, jsonLine))
    expect(await numbers()).toEqual(upTo(6))
  })

  it('has bounded files, whoever of several threads turns them', async () => {
    const one = new KeptLog({ path, maxFileBytes: MAX })
    const other = new KeptLog({ path, maxFileBytes: MAX, state: one.state })
    for (const n of upTo(200)) (n % 3 === 0 ? one : other).write(line(n))
    const files = readdirSync(directory).toSorted()
    const numbered = upTo(MAX_FILES, 1).map((n) => `server.log.${n}`)
    expect(files).toEqual(['server.log', ...numbered])
    for (const file of files) expect(statSync(join(directory, file)).size).toBeLessThan(MAX + 200)
    const read = await numbers()
    expect(read).toEqual(upTo(200, 200 - read.length))
    expect(read.length).toBeGreaterThan(50)
  })

  it('goes on after a restart where its size was', async () => {
    for (const n of upTo(40)) new KeptLog({ path, maxFileBytes: MAX }).write(line(n))
    expect(statSync(path).size).toBeLessThan(MAX + 200)
  })

  it('shows the newest, those since a time, and those that are asked for', async () => {
    const log = new KeptLog({ path, maxFileBytes: MAX })
    for (const n of upTo(30)) log.write(line(n))
    expect(await numbers({ tail: 3 })).toEqual([27, 28, 29])
    expect(await numbers({ tail: 0 })).toEqual([])
    expect(await numbers({ since: BEGIN + 28_000 })).toEqual([28, 29])
    expect(await numbers({ matches: (text) => /n=\d*5$/.test(text), tail: 2 })).toEqual([15, 25])
  })

  it('stops nothing when it cannot be written', () => {
    const log = new KeptLog({ path })
    rmSync(directory, { recursive: true })
    const large = new KeptLog({ path: '/dev/full', maxFileBytes: 10 })
    expect(() => {
      log.write(line(1))
      large.write(line(2))
    }).not.toThrow()
    directory = mkdtempSync(join(tmpdir(), 'sluice-kept-'))
  })

  it('is followed over the turn of its files', async () => {
    const log = new KeptLog({ path, maxFileBytes: MAX })
    log.write(line(0))
    const end = new AbortController()
    const lines = await new KeptLogReader('server', path).read('server', { tail: 1 }, end.signal)
    const read: string[] = []
    for await (const { text } of lines ?? []) {
      read.push(/n=(\d+)/.exec(text)?.[1] ?? '')
      if (read.length < 31) log.write(line(read.length))
      else end.abort()
    }
    expect(read.map(Number)).toEqual(upTo(31))
  })

  it.runIf(process.platform === 'linux')('holds one file open while it is followed', async () => {
    const log = new KeptLog({ path, maxFileBytes: MAX })
    for (const n of upTo(30)) log.write(line(n))
    const end = new AbortController()
    const lines = await new KeptLogReader('server', path).read('server', {}, end.signal)
    const open = new Set<number>()
    let read = 0
    for await (const _ of lines ?? []) {
      read++
      // By then it has read what there was.
      if (read > 80) open.add(openFiles())
      if (read === 150) end.abort()
      else if (read >= 30) log.write(line(read))
    }
    // And one to write to.
    expect(open).toEqual(new Set([2]))
  })

  it('is followed to the last line of a file that is turned as it is read', async () => {
    const log = new KeptLog({ path, maxFileBytes: MAX })
    const end = new AbortController()
    const lines = await new KeptLogReader('server', path).read('server', {}, end.signal)
    const reading = lines![Symbol.asyncIterator]()
    const read: number[] = []
    let written = 0
    for (let round = 0; round < 24; round++) {
      const next = reading.next()
      // Somewhere between its looks at the file and at the one that may follow.
      for (let wait = round % 12; wait > 0; wait--) await new Promise(setImmediate)
      // As many as turn it, and one.
      const last = written + 16
      while (written < last) log.write(line(written++))
      for (let one = await next; ; one = await reading.next()) {
        read.push(Number(/n=(\d+)/.exec(one.value?.text as string)?.[1]))
        if (read.at(-1) === last - 1) break
      }
    }
    await reading.return?.()
    expect(read).toEqual(upTo(written))
  }, 60_000)

  it('is of one part', async () => {
    expect(await new KeptLogReader('server', path).read('table', {})).toBeUndefined()
  })
})
