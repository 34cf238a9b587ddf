import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { appendToFile } from '@sluice/adapters/local/append-to-file'
import { Interruption } from '@sluice/adapters/local/interruption'
import { expect, it } from 'vitest'
import { scratchDirectory } from './scratch-directory.ts'

const BATCH = Buffer.alloc(1024 * 1024, 0xff)

it('writes nothing behind what could not be written', async () => {
  const file = await open(join(await scratchDirectory(), 'growing'), 'w+')
  const starts: number[] = []
  const full = new Proxy(file, {
    get(target, name) {
      if (name !== 'writev') return Reflect.get(target, name, target).bind(target)
      return async (_: readonly Buffer[], at: number) => {
        starts.push(at)
        await sleep(50)
        throw Object.assign(new Error('no room'), { code: 'ENOSPC' })
      }
    },
  })
  const source = (async function* () {
    for (let sent = 0; sent < 4; sent++) yield BATCH
  })()
  const failure = await appendToFile(full, 0, source, new Interruption()).catch((e: unknown) => e)
  expect(failure).toMatchObject({ message: 'no room' })
  expect(starts).toEqual([0])
  await file.close()
})

it('leaves no hole in a file that grows, which its followers would take for bytes, where a write is slow', async () => {
  const file = await open(join(await scratchDirectory(), 'growing'), 'w+')
  const ended: { readonly start: number; readonly end: number }[] = []
  const slow = new Proxy(file, {
    get(target, name) {
      if (name !== 'writev') return Reflect.get(target, name, target).bind(target)
      return async (chunks: readonly Buffer[], at: number) => {
        if (at === 0) await sleep(50)
        const written = await target.writev(chunks, at)
        ended.push({ start: at, end: at + written.bytesWritten })
        return written
      }
    },
  })
  const source = (async function* () {
    for (let sent = 0; sent < 4; sent++) yield BATCH
  })()
  expect(await appendToFile(slow, 0, source, new Interruption())).toBe(4 * BATCH.byteLength)
  // What came while the first was written goes together.
  const [first, second, third] = [1, 3, 4].map((batches) => batches * BATCH.byteLength)
  expect(ended).toEqual([
    { start: 0, end: first },
    { start: first, end: second },
    { start: second, end: third },
  ])
  await file.close()
})
