import { afterEach, beforeEach, expect } from 'vitest'
import { tableSnapshot } from '../table-snapshot.ts'
import type { DoorUnderTest } from './door-under-test.ts'

/**
 * To be called within a `describe`: after each of its tests the records are what they were before, the server answers,
 * and nothing has failed inside but requests that broke off. `accept` takes what a test did on purpose.
 */
export function changesNothing(door: DoorUnderTest): {
  readonly accept: (but?: (line: string) => boolean) => Promise<void>
} {
  let before: readonly string[]
  const snapshot = () => tableSnapshot(door.served.temporary.table)
  beforeEach(async () => {
    before = await snapshot()
  })
  afterEach(async () => {
    expect(await snapshot()).toEqual(before)
    expect((await door.get('/v2/')).status).toBe(200)
    expect(door.served.failures.splice(0).filter((failure) => !isBrokenOff(failure))).toEqual([])
  })
  return {
    accept: async (but = () => true) => {
      before = (await snapshot()).filter(but)
    },
  }
}

const isBrokenOff = (failure: unknown): boolean =>
  failure instanceof Error && 'code' in failure && failure.code === 'ECONNRESET'
