/** The sweep function over DynamoDB and S3: in this process with deadlines that run out, and as Lambda runs it. */
import { fileURLToPath } from 'node:url'
import { keyOf } from '@sluice/core/ports/table-limits'
import { blobKey, checkKey, holderKey, tagKey } from '@sluice/core/records/keys'
import { putSweep } from '@sluice/core/records/sweep-record'
import type { CheckAnswer } from '@sluice/functions/check-answer'
import { handler, type SweepAnswer } from '@sluice/functions/sweep'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pushBlob, pushManifest, REPOSITORY, tag } from '../../core/checker/pushed-registry.ts'
import { bundleFunction, type FunctionBundle } from '../../gateway/bundle-function.ts'
import { startFunction, type RunningFunction } from '../../gateway/lambda/start-function.ts'
import { deadlineIn } from './deadline-in.ts'
import { openStage, type FunctionStage } from './open-stage.ts'

const BLOBS = 12
/** Enough for one piece of work and no more: whoever has no time left does one all the same. */
const NO_TIME = 0
const LONG = 60_000

let stage: FunctionStage
beforeAll(async () => {
  // What nothing refers to may go at once.
  stage = await openStage({ SLUICE_GRACE: '0' })
})

const sweep = async (milliseconds: number) =>
  (await handler({}, deadlineIn(milliseconds))) as SweepAnswer

const check = async (milliseconds: number, event: object = {}) =>
  (await handler({ task: 'check', ...event }, deadlineIn(milliseconds))) as CheckAnswer

async function keysIn(room: string): Promise<string[]> {
  const { objects } = await stage.wing.store.list({ limit: 1000 })
  return objects.map(({ key }) => key).filter((key) => key.startsWith(`${room}/`))
}

/** Each call does one piece of work; answers the last. */
async function inSteps(event: object): Promise<CheckAnswer> {
  for (let steps = 1; ; steps++) {
    const answer = await check(NO_TIME, event)
    expect(answer.steps).toBe(steps)
    if (answer.finished) return answer
    expect(await keysIn('checks')).toHaveLength(1)
    expect(await stage.wing.table.get(checkKey)).toMatchObject({ steps })
  }
}

describe('a sweep', () => {
  it('ends before its time does, and the next one goes on', async () => {
    const { registry } = stage.wing
    for (let at = 0; at < BLOBS; at++) await pushBlob(registry, REPOSITORY, `blob ${at}`)
    expect(await keysIn('blobs')).toHaveLength(BLOBS)
    expect(await sweep(NO_TIME)).toMatchObject({ finished: false, looked: 0 })
    // Too little for all on any machine, and more with each call.
    const answers = [await sweep(20)]
    while (!answers.at(-1)?.finished) answers.push(await sweep(100 * answers.length))
    expect(answers.length).toBeGreaterThan(1)
    expect(answers.reduce((sum, { objects }) => sum + objects, 0)).toBe(BLOBS)
    expect(await keysIn('blobs')).toEqual([])
    expect(await sweep(LONG)).toMatchObject({ finished: true, looked: 0 })
  }, 120_000)

  it('fails when a piece of it failed, which stays due', async () => {
    const { table } = stage.wing
    const work = putSweep(0, { kind: 'object', key: 'no key, and no object' })
    await table.transact([work])
    await expect(sweep(LONG)).rejects.toThrow('failed and stay due: 1')
    const key = keyOf(work)
    expect(await table.get(key)).toBeDefined()
    await table.transact([{ delete: key }])
  })
})

/** Of two at once: how many leave the work to the other, and how many states lie there then. */
async function checkTwice(): Promise<{ readonly elsewhere: number; readonly states: number }> {
  const answers = await Promise.all([1, 2].map(() => check(NO_TIME, { deep: true })))
  const elsewhere = answers.filter((answer) => answer.elsewhere).length
  return { elsewhere, states: (await keysIn('checks')).length }
}

describe('a check', () => {
  const deep = true

  beforeAll(async () => {
    const { registry, table, store } = stage.wing
    const config = await pushBlob(registry, REPOSITORY, '{}')
    const layer = await pushBlob(registry, REPOSITORY, 'layer')
    const layers = [layer]
    const image = await pushManifest(registry, REPOSITORY, { config, layers }, ['latest'])
    const annotations = { note: 'n'.repeat(310_000) }
    await pushManifest(registry, REPOSITORY, { config, layers, subject: image, annotations })
    // One that can be put right, one that cannot.
    const dangling = { digest: `sha256:${'0'.repeat(64)}`, updatedAt: 1 }
    await table.transact([
      { put: tagKey(REPOSITORY, tag('lost')), item: dangling },
      { delete: holderKey(config.digest, REPOSITORY), when: 'present' },
    ])
    const blob = await table.get(blobKey(layer.digest))
    await store.delete(blob?.['key'] as string)
  })

  it('finds over many calls what one in one go finds, and leaves nothing of itself', async () => {
    const inOneGo = await stage.wing.registry.checker.check({ deep, pause: 0 })
    const answer = await inSteps({ deep })
    expect(answer.steps).toBeGreaterThan(8)
    const { repositories, blobs, objects } = inOneGo
    const found = inOneGo.problems.map(({ kind, where, detail, repair }) => ({
      kind,
      where,
      detail,
      repairable: repair !== undefined,
    }))
    expect(found.map(({ kind }) => kind).toSorted()).toEqual([
      'holder-missing',
      'object-missing',
      'tag-dangling',
    ])
    expect(answer).toMatchObject({ finished: true, repositories, blobs, objects, problems: found })
    expect(answer).toMatchObject({ problemCount: 3, repairedCount: 0, repaired: [] })
    expect(await keysIn('checks')).toEqual([])
    expect(await stage.wing.table.get(checkKey)).toBeUndefined()
  }, 120_000)

  it('is done by one of two calls at once', async () => {
    // Two that do not meet each do a step, one after the other.
    await expect
      .poll(checkTwice, { timeout: 30_000, interval: 1 })
      .toEqual({ elsewhere: 1, states: 1 })
  })

  it('repairs, in the place of the check that was under way', async () => {
    const answer = await inSteps({ deep, repair: true })
    expect(answer).toMatchObject({ repairedCount: 2, problemCount: 1 })
    expect(answer.problems?.[0]).toMatchObject({ kind: 'object-missing', repairable: false })
    expect(await keysIn('checks')).toEqual([])
  }, 120_000)

  it.each([
    [{ task: 'destroy' }, 'task'],
    [{ task: 'check', deep: 'yes' }, 'deep'],
    [{ task: 'check', repiar: true }, 'repiar'],
  ])('refuses %j', async (event, named) => {
    await expect(handler(event, deadlineIn(LONG))).rejects.toThrow(named)
  })
})

describe('the function as Lambda runs it', () => {
  let bundle: FunctionBundle
  let running: RunningFunction
  beforeAll(async () => {
    bundle = await bundleFunction(fileURLToPath(import.meta.resolve('@sluice/functions/sweep')))
    running = await startFunction({ file: bundle.file, env: stage.environment })
  })
  afterAll(async () => {
    await running?.close()
    await bundle?.remove()
  })

  it('sweeps when its schedule calls it, and says so in one line', async () => {
    await sweep(LONG)
    await pushBlob(stage.wing.registry, REPOSITORY, 'one more')
    const scheduled = { version: '0', 'detail-type': 'Scheduled Event', source: 'aws.scheduler' }
    const { kind, result } = { result: undefined, ...(await running.invoke(scheduled)) }
    expect(kind).toBe('result')
    expect(result).toMatchObject({ task: 'sweep', finished: true, links: 1, blobs: 1, objects: 1 })
    const lines = running.log().split('\n')
    const [line] = lines.filter((one) => one.includes('"msg":"swept"'))
    expect(JSON.parse(line ?? '')).toMatchObject({ level: 'info', blobs: 1, errors: 0 })
  })

  it('checks, and tells what is wrong', async () => {
    const { result } = {
      result: undefined,
      ...(await running.invoke({ task: 'check', deep: true })),
    }
    expect(result).toMatchObject({ finished: true, steps: 1, problemCount: 1 })
    expect(running.log()).toContain('"kind":"object-missing"')
  })
})
