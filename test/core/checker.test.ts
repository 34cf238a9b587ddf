import { describe, expect, it } from 'vitest'
import { PROBLEM_KINDS } from '@sluice/core/services/check/problem'
import { DAMAGES } from './checker/damages.ts'
import { openPushedRegistry } from './checker/pushed-registry.ts'

describe.concurrent('a check of a damaged registry', () => {
  it.for(DAMAGES)('finds $what, and nothing else', async (damage, { expect }) => {
    const pushed = await openPushedRegistry()
    try {
      await damage.damage(pushed)
      const { checker } = pushed.registry
      const options = { deep: damage.deep ?? false, pause: 0 }

      const { problems } = await checker.check(options)
      expect(problems.map(({ kind }) => kind)).toEqual([damage.kind])
      const [problem] = problems
      expect(problem?.where.endsWith(damage.where(pushed))).toBe(true)
      expect(problem?.repair === undefined).toBe(damage.beyondRepair ?? false)

      const mended = await checker.check({ ...options, repair: true })
      const [left, repaired] = damage.beyondRepair ? [1, 0] : [0, 1]
      expect(mended.problems).toHaveLength(left)
      expect(mended.repaired).toHaveLength(repaired)
      expect((await checker.check({ deep: true, pause: 0 })).problems).toHaveLength(left)

      pushed.clock.advance(2 * 86_400_000)
      expect((await pushed.registry.sweeper.sweep()).errors).toEqual([])
      expect((await checker.check({ deep: true, pause: 0 })).problems).toHaveLength(left)
    } finally {
      await pushed.close()
    }
  })
})

describe('the kinds of problems', () => {
  it('have each been seen by these tests', () => {
    const seen = new Set(DAMAGES.map(({ kind }) => kind))
    expect(PROBLEM_KINDS.filter((kind) => !seen.has(kind))).toEqual([])
  })
})
