/** The two failures of a disk on which OpenShift's alerts fire, on a real disk. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { digestOf } from '@sluice/core/digest'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { mountSmallDisk, type SmallDisk } from '../faults/full-disk/mount-small-disk.ts'
import { copy, WatchedServer } from './watched-server.ts'

let disk: SmallDisk
let server: WatchedServer
beforeAll(async () => {
  disk = await mountSmallDisk(64)
  server = await WatchedServer.start({ dataDir: join(disk.directory, 'data') })
})
afterAll(async () => {
  await server?.stop()
  await disk?.remove()
})

async function failures(code: string): Promise<number> {
  const seen = [...(await server.scrape())].filter(
    ([series]) =>
      series.startsWith('imageregistry_storage_errors_total') && series.includes(`"${code}"`),
  )
  return seen.reduce((sum, [, count]) => sum + count, 0)
}

async function push(text: string): Promise<number> {
  const bytes = copy(Buffer.alloc(1_000_000, text))
  const digest = digestOf('sha256', bytes)
  const path = `/v2/default/app/blobs/uploads/?digest=${digest}`
  return (await server.ask('POST', path, bytes)).status
}

it('counts what finds no room, and what finds the disk read-only', async () => {
  expect(await push('fits')).toBe(201)
  expect([await failures('DEVICE_OUT_OF_SPACE'), await failures('READ_ONLY_FILESYSTEM')]).toEqual([
    0, 0,
  ])
  const empty = await disk.fill()
  await vi.waitFor(async () => {
    expect(await push('does not fit')).toBe(503)
    expect(await failures('DEVICE_OUT_OF_SPACE')).toBeGreaterThan(0)
  }, 30_000)
  await empty()
  await vi.waitFor(async () => expect(await push('fits again')).toBe(201), 30_000)
  const full = await failures('DEVICE_OUT_OF_SPACE')
  // Only of the object's file: the database writes to its own, which were opened before.
  execFileSync('mount', ['--bind', disk.directory, disk.directory])
  try {
    execFileSync('mount', ['-o', 'remount,ro,bind', disk.directory])
    await vi.waitFor(async () => {
      expect(await push('cannot be written')).toBe(503)
      expect(await failures('READ_ONLY_FILESYSTEM')).toBeGreaterThan(0)
    }, 30_000)
  } finally {
    execFileSync('umount', [disk.directory])
  }
  expect(await failures('DEVICE_OUT_OF_SPACE')).toBe(full)
})
