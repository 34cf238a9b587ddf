import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseProjectName } from '@sluice/core/repository-name'
import { propertyRuns } from '../property-runs.ts'
import { openTemporaryRegistry } from '../temporary-registry.ts'
import { Cancel, Finish, Jumble, Patch, Race, Start, Sweep, type Sent } from './upload-commands.ts'
import type { Model } from './upload-model.ts'

const which = fc.nat({ max: 5 })
const algorithm = fc.constantFrom('sha256' as const, 'sha512' as const)
const size = fc.oneof(fc.nat({ max: 5 }), fc.nat({ max: 9000 }), fc.constant(1000))
const piece = fc.record({ size, seed: fc.nat({ max: 3 }) })
const said = fc.oneof(
  { arbitrary: fc.constantFrom('right' as const, 'unsaid' as const), weight: 6 },
  { arbitrary: fc.nat({ max: 9000 }), weight: 1 },
)
const cut = fc.option(fc.nat({ max: 100 }), { freq: 5, nil: undefined })
const sent: fc.Arbitrary<Sent> = fc.record({
  size,
  seed: fc.nat({ max: 3 }),
  offset: said,
  length: said,
  cut,
})

const commands = fc.commands(
  [
    algorithm.map((one) => new Start(one)),
    fc.tuple(which, sent).map((parts) => new Patch(...parts)),
    fc.tuple(which, sent).map((parts) => new Patch(...parts)),
    fc
      .tuple(which, fc.option(sent, { nil: undefined }), algorithm, fc.boolean())
      .map((parts) => new Finish(...parts)),
    which.map((one) => new Cancel(one)),
    fc
      .tuple(which, fc.array(piece, { minLength: 2, maxLength: 5 }))
      .map((parts) => new Race(...parts)),
    fc
      .tuple(
        which,
        piece,
        fc.boolean(),
        fc.array(fc.nat({ max: 5 }), { minLength: 3, maxLength: 3 }),
      )
      .map((parts) => new Jumble(...parts)),
    fc.constantFrom(1, 13, 25).map((hours) => new Sweep(hours)),
  ],
  { maxCommands: 25 },
)

describe('uploads', () => {
  it('do what their model does, whatever comes in whatever order, and leave nothing half done', async () => {
    await fc.assert(
      fc.asyncProperty(commands, async (all) => {
        const temporary = await openTemporaryRegistry()
        const { registry, clock } = temporary
        try {
          await registry.projects.create(parseProjectName('default'))
          const model: Model = { uploads: [], now: clock.now() }
          const real = { ...temporary, ids: [] }
          await fc.asyncModelRun(() => ({ model, real }), all)
          expect((await registry.checker.check({ deep: true, pause: 0 })).problems).toEqual([])
          // In the end nothing is left: not an upload, not a blob, not a file.
          for (const _ of ['links', 'blobs']) {
            clock.advance(50 * 3_600_000)
            expect((await registry.sweeper.sweep()).errors).toEqual([])
          }
          expect(await temporary.store.listUploads(Infinity)).toEqual([])
          expect((await temporary.store.list({ limit: 10 })).objects).toEqual([])
          expect((await registry.checker.check({ pause: 0 })).problems).toEqual([])
        } finally {
          await temporary.close()
        }
      }),
      { ...propertyRuns(30), endOnFailure: false },
    )
  }, 300_000)
})
