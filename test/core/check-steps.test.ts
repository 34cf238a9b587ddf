import { deserialize, serialize } from 'node:v8'
import { checkKey } from '@sluice/core/records/keys'
import { CheckSteps, type CheckStep } from '@sluice/core/services/check-steps'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { withSmallPages } from './checker/check-in-steps.ts'
import { DAMAGES } from './checker/damages.ts'
import { openPushedRegistry, type PushedRegistry } from './checker/pushed-registry.ts'

const LEASE = 900_000
const FORM = { write: serialize, read: (bytes: Uint8Array): unknown => deserialize(bytes) }

describe('a check in steps', () => {
  let pushed: PushedRegistry
  beforeEach(async () => {
    pushed = await openPushedRegistry()
    withSmallPages(pushed)
  })
  afterEach(() => pushed.close())

  const open = () => new CheckSteps(pushed, pushed.registry.checker, FORM)

  /** Stopped after so many pieces of work. */
  const step = (pieces: number, options: Partial<CheckStep> = {}) =>
    open().step({
      deep: true,
      repair: false,
      pause: 0,
      lease: LEASE,
      stop: () => --pieces <= 0,
      ...options,
    })

  /** Objects in which checks leave how far they are. */
  const states = async (): Promise<string[]> => {
    const found = []
    for (let after: string | undefined; ;) {
      const page = await pushed.store.list({ limit: 3, ...(after !== undefined && { after }) })
      found.push(...page.objects.map(({ key }) => key).filter((key) => key.startsWith('checks/')))
      if (page.next === undefined) return found
      after = page.next
    }
  }

  const record = () => pushed.table.get(checkKey)

  it('answers the report of one in one go after as many steps as it needs, and leaves nothing', async () => {
    await DAMAGES.find(({ kind }) => kind === 'holder-missing')!.damage(pushed)
    const inOneGo = await pushed.registry.checker.check({ deep: true, pause: 0 })
    const seen: string[] = []
    let answer = await step(7)
    for (; answer.outcome === 'unfinished'; answer = await step(7)) {
      const [state, ...others] = await states()
      expect(others).toEqual([])
      expect(await record()).toMatchObject({
        stateKey: state,
        steps: answer.steps,
        claimedUntil: 0,
      })
      seen.push(state!)
    }
    expect(answer).toEqual({ outcome: 'finished', steps: seen.length + 1, checked: inOneGo })
    expect(seen.length).toBeGreaterThan(5)
    expect(new Set(seen).size).toBe(seen.length)
    expect(await states()).toEqual([])
    expect(await record()).toBeUndefined()
  })

  it('is gone on with by one of two at once', async () => {
    await step(2)
    const during: unknown[] = []
    const answer = await step(1, {
      stop: () => {
        during.push(step(1))
        return true
      },
    })
    expect(await Promise.all(during)).toEqual([{ outcome: 'elsewhere' }])
    expect(answer).toEqual({ outcome: 'unfinished', steps: 2 })
    expect(await Promise.all([step(1), step(1), step(1)])).toEqual(
      expect.arrayContaining([
        { outcome: 'unfinished', steps: 3 },
        { outcome: 'elsewhere' },
        { outcome: 'elsewhere' },
      ]),
    )
    expect(await states()).toHaveLength(1)
  })

  it('is taken over when the process at it must be dead, which then keeps nothing', async () => {
    await step(2)
    const { store } = pushed
    const write = store.write.bind(store)
    let successor: unknown
    store.write = async (key, source) => {
      store.write = write
      pushed.clock.advance(LEASE - 1)
      expect(await step(1)).toEqual({ outcome: 'elsewhere' })
      pushed.clock.advance(1)
      successor = await step(1)
      return write(key, source)
    }
    expect(await step(1)).toEqual({ outcome: 'elsewhere' })
    expect(successor).toEqual({ outcome: 'unfinished', steps: 2 })
    expect(await states()).toEqual([(await record())?.['stateKey']])
    expect(await step(1)).toEqual({ outcome: 'unfinished', steps: 3 })
  })

  it('takes a step again that broke, and forgets nothing of those before', async () => {
    const before = await step(20)
    const kept = await states()
    const { store } = pushed
    const write = store.write.bind(store)
    store.write = async (key, source) => {
      await write(key, source)
      throw new Error('the answer was lost')
    }
    await expect(step(1)).rejects.toThrow('the answer was lost')
    store.write = write
    expect(await states()).toHaveLength(2)
    expect(await step(1)).toMatchObject({ outcome: 'unfinished', steps: 2 })
    expect(before).toEqual({ outcome: 'unfinished', steps: 1 })
    const now = await states()
    expect(now).toHaveLength(1)
    expect(now).not.toEqual(kept)
  })

  it('gives way to a check of another kind, with all that it left', async () => {
    await step(5)
    const before = await states()
    expect(await step(5, { repair: true })).toEqual({ outcome: 'unfinished', steps: 1 })
    const after = await states()
    expect(after).toHaveLength(1)
    expect(after).not.toEqual(before)
  })

  it('begins anew where its state is lost, or another program wrote it', async () => {
    await step(5)
    await pushed.store.delete((await states())[0]!)
    expect(await step(5)).toEqual({ outcome: 'unfinished', steps: 1 })
    const strange = { ...FORM, read: () => undefined }
    const steps = new CheckSteps(pushed, pushed.registry.checker, strange)
    const options = { deep: true, repair: false, pause: 0, lease: LEASE, stop: () => true }
    expect(await steps.step(options)).toEqual({ outcome: 'unfinished', steps: 1 })
    expect(await step(1)).toEqual({ outcome: 'unfinished', steps: 2 })
  })

  it('is left alone by sweeps, and by checks that repair', async () => {
    await step(5)
    const [state] = await states()
    const half = (async function* () {
      yield Buffer.from('a state on its way')
    })()
    await pushed.store.append(await pushed.store.open('checks/ff/half'), half)
    pushed.clock.advance(30 * 86_400_000)
    expect((await pushed.registry.sweeper.sweep()).errors).toEqual([])
    const { problems, repaired } = await pushed.registry.checker.check({ repair: true, pause: 0 })
    expect([problems, repaired]).toEqual([[], []])
    const uploads = await pushed.store.listUploads(pushed.clock.now())
    expect(uploads.map(({ key }) => key)).toContain('checks/ff/half')
    expect(await states()).toEqual([state])
    expect(await step(1)).toEqual({ outcome: 'unfinished', steps: 2 })
  })
})
