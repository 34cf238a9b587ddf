import { describe, expect, it } from 'vitest'
import { isCheckState } from '@sluice/core/services/check/check-state'
import type { Checked } from '@sluice/core/services/checker'
import { digestOf } from '@sluice/core/digest'
import type { ByteRange } from '@sluice/core/ports/blob-store'
import { checkInSteps, withSmallPages } from './check-in-steps.ts'
import { copyRegistry } from './copy-registry.ts'
import { DAMAGES } from './damages.ts'
import { openPushedRegistry, REPOSITORY } from './pushed-registry.ts'

/** The report without what is drawn by lot: the names of new work for the sweeper. */
const undrawn = (checked: Checked): unknown =>
  JSON.parse(
    JSON.stringify(checked).replace(/"sweep#\d","sk":"(\d+)#[0-9a-f]{32}"/g, '"sweep","sk":"$1"'),
  )

describe.concurrent('a check in steps, each in a process of its own', () => {
  it.for(DAMAGES)('reports and repairs $what as one in one go does', async (damage, { expect }) => {
    const pushed = await openPushedRegistry()
    await damage.damage(pushed)
    const copy = await copyRegistry(pushed)
    try {
      withSmallPages(copy)
      const options = { deep: true, repair: false }
      const { checker } = pushed.registry
      const inOneGo = await checker.check({ ...options, pause: 0 })
      expect(inOneGo.problems).toHaveLength(1)
      const { checked, states } = await checkInSteps(copy, options)
      expect(undrawn(checked)).toEqual(undrawn(inOneGo))
      // Two walks: pages of three records and objects, the uploads, the objects, the pause.
      expect(states.length).toBeGreaterThan(40)

      const mended = await checker.check({ ...options, pause: 0, repair: true })
      const inSteps = await checkInSteps(copy, { ...options, repair: true })
      expect(undrawn(inSteps.checked)).toEqual(undrawn(mended))
      expect(mended.repaired).toHaveLength(damage.beyondRepair ? 0 : 1)
    } finally {
      await copy.close()
      await pushed.close()
    }
  })
})

describe('a step of a check', () => {
  const LARGE = 5 * 1024 * 1024

  it('goes on in the middle of an object, and reads no byte of it twice', async () => {
    const pushed = await openPushedRegistry()
    try {
      const bytes = Buffer.alloc(LARGE, 'many bytes ')
      const digest = digestOf('sha512', bytes)
      const source = (async function* () {
        yield bytes
      })()
      const length = bytes.byteLength
      await pushed.registry.uploads.push(REPOSITORY, digest, { source, start: 0, length })
      const reads: (ByteRange | undefined)[] = []
      const read = pushed.store.read.bind(pushed.store)
      pushed.store.read = async (key, range) => {
        if ((await pushed.store.stat(key))?.size === LARGE) reads.push(range)
        return read(key, range)
      }
      const { checked, states } = await checkInSteps(pushed, { deep: true, repair: false })
      expect(checked.problems).toEqual([])
      const offsets = states.flatMap(({ stage }) =>
        stage.at === 'walk' && (stage.walk.partial?.offset ?? 0) > LARGE / 8
          ? [stage.walk.partial!.offset]
          : [],
      )
      expect(offsets.length).toBeGreaterThan(2)
      expect(offsets.at(-1)).toBe(LARGE)
      const resumed = offsets.slice(0, -1).map((start) => ({ start, end: LARGE - 1 }))
      expect(reads).toEqual([undefined, ...resumed])
    } finally {
      await pushed.close()
    }
  })

  it('finds a changed byte behind the place where it was left', async () => {
    const pushed = await openPushedRegistry()
    try {
      const bytes = Buffer.alloc(LARGE, 'many bytes ')
      const digest = digestOf('sha256', bytes)
      const changed = Buffer.from(bytes)
      changed[LARGE - 1]! ^= 1
      const source = (async function* () {
        yield changed
      })()
      // Its record says what it should have been.
      await pushed.store.write('blobs/00/changed', source)
      const item = { size: LARGE, key: 'blobs/00/changed', links: 0 }
      await pushed.table.transact([{ put: { pk: `blob#${digest}`, sk: 'meta' }, item }])
      const { checked } = await checkInSteps(pushed, { deep: true, repair: false })
      expect(checked.problems.map(({ kind }) => kind)).toContain('object-corrupt')
    } finally {
      await pushed.close()
    }
  })

  it('hashes an object to its end where hashes cannot be saved', async () => {
    const pushed = await openPushedRegistry()
    try {
      const { checked } = await checkInSteps(pushed, { deep: true, repair: false, portable: false })
      expect(checked).toEqual(await pushed.registry.checker.check({ deep: true, pause: 0 }))
    } finally {
      await pushed.close()
    }
  })

  it('is not gone on with by a program of other states', () => {
    expect(
      [undefined, null, 'text', {}, { format: 0 }].map((value) => isCheckState(value)),
    ).toEqual([false, false, false, false, false])
  })
})
