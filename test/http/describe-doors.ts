import type { Issuer } from '@sluice/adapters/identity/issuer'
import type { Policy } from '@sluice/core/policy'
import { afterAll, afterEach, beforeAll, describe, expect, inject } from 'vitest'
import { DoorUnderTest, openInProcess, openNodeDoor, type Door } from './door-under-test.ts'
import { openEventDoor } from './open-event-door.ts'

/** Every door that the registry has. Another joins with one line here and keeps every promise that is tested. */
const DOORS: Readonly<Record<string, Door>> = {
  'app.fetch': { open: openInProcess, buffers: false },
  'the Node door': { open: openNodeDoor, buffers: false },
  'the Lambda door': { open: openEventDoor, buffers: true },
}

/** A suite that has started the cloud's engines (`test/cloud`) runs the same over them, through the doors of the cloud. */
const engines = inject('engines')
const over = engines && {
  openRooms: async () => (await import('../cloud/engines/open-rooms.ts')).openRooms(engines),
}
const doors = Object.entries(DOORS).filter(([name]) => !engines || name !== 'app.fetch')

/** Runs the same sentences through each door, each over a registry of its own. No request may fail inside. `issuers` is asked when all
 * has started. `logging`: of doors alone that have a log. */
export function describeDoors(
  name: string,
  tests: (door: DoorUnderTest) => void,
  settings: Partial<Policy> = {},
  issuers: () => readonly Issuer[] = () => [],
  { logging = false }: { readonly logging?: boolean } = {},
): void {
  describe.each(doors.filter(([name]) => !logging || name !== 'app.fetch'))(
    `${name}, through %s`,
    (_, { open, buffers }) => {
      const door = new DoorUnderTest(open, settings, { buffers, issuers, ...over })
      beforeAll(() => door.open())
      afterAll(() => door.close())
      afterEach(() => {
        expect(door.served.failures.splice(0)).toEqual([])
      })
      tests(door)
    },
  )
}
