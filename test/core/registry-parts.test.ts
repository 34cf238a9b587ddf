/** What is said of the registry's parts: by themselves, by their records, by what was asked. */
import { TableQueue } from '@sluice/adapters/local/table-queue'
import { Health } from '@sluice/core/services/health'
import { queuePart } from '@sluice/core/services/queue-part'
import { RegistryParts, type KnownPart } from '@sluice/core/services/registry-parts'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openTemporaryRegistry, type TemporaryRegistry } from '../temporary-registry.ts'

const state = (): Promise<never> => Promise.reject(new Error('the queue does not answer'))

let registry: TemporaryRegistry
beforeEach(async () => {
  registry = await openTemporaryRegistry()
})
afterEach(() => registry.close())

const open = (known: readonly KnownPart[]): RegistryParts =>
  new RegistryParts(registry.table, registry.clock, known, new Health([], registry.clock))

const told = async (parts: RegistryParts) =>
  (await parts.list()).map(({ name, ready, lastError }) => [name, ready, lastError])

it('a part of several fails while one of them does, whichever process heard of it', async () => {
  const [one, other] = [open([{ name: 'upstreams' }]), open([{ name: 'upstreams' }])]
  expect(await told(other)).toEqual([['upstreams', true, undefined]])
  await one.tell('upstreams', 'docker.io', { problem: 'docker.io is down' })
  registry.clock.advance(1000)
  await one.tell('upstreams', 'quay.io', { problem: 'quay.io is down' })
  expect(await told(other)).toEqual([['upstreams', false, 'quay.io is down']])
  await one.tell('upstreams', 'quay.io', undefined)
  expect(await told(other)).toEqual([['upstreams', false, 'docker.io is down']])
  await one.tell('upstreams', 'docker.io', undefined)
  expect(await told(other)).toEqual([['upstreams', true, undefined]])
})

it('what works only when it is needed fails for five minutes at most, and its last error stays', async () => {
  const parts = open([{ name: 'issuers' }, { name: 'sweep', runs: true }])
  await parts.tell('issuers', 'https://idp.test', { problem: 'no answer' })
  await parts.failed('sweep', { problem: 'pieces failed' })
  registry.clock.advance(5 * 60_000 - 1)
  expect(await told(parts)).toEqual([
    ['issuers', false, 'no answer'],
    ['sweep', false, 'pieces failed'],
  ])
  registry.clock.advance(1)
  expect(await told(parts)).toEqual([
    ['issuers', true, 'no answer'],
    ['sweep', false, 'pieces failed'],
  ])
})

it('a failure that lasts as long as a circuit is open is over then, after half a minute at least', async () => {
  const parts = open([{ name: 'upstreams' }])
  const fails = (seconds: number) =>
    parts.tell('upstreams', 'docker.io', {
      problem: 'down',
      until: registry.clock.now() + seconds * 1000,
    })
  for (const [seconds, stands] of [
    [5, 30],
    [80, 80],
  ] as const) {
    await fails(seconds)
    registry.clock.advance(stands * 1000 - 1)
    expect(await told(parts)).toEqual([['upstreams', false, 'down']])
    registry.clock.advance(1)
    expect(await told(parts)).toEqual([['upstreams', true, 'down']])
  }
})

it('what another process saw working since works', async () => {
  let at = 0
  const parts = open([{ name: 'issuers', workedAt: async () => at }])
  await parts.tell('issuers', 'https://idp.test', { problem: 'no answer' })
  expect(await told(parts)).toEqual([['issuers', false, 'no answer']])
  at = registry.clock.now() + 1
  expect(await told(parts)).toEqual([['issuers', true, 'no answer']])
})

it('what fails again at once after it worked is told again', async () => {
  const parts = open([{ name: 'upstreams' }])
  await parts.tell('upstreams', 'docker.io', { problem: 'down' })
  await parts.tell('upstreams', 'docker.io', undefined)
  await parts.tell('upstreams', 'docker.io', { problem: 'down again' })
  expect(await told(parts)).toEqual([['upstreams', false, 'down again']])
})

it('a part that is to give signs of life works as long as one of its kind gives them', async () => {
  const parts = open([])
  const [one, other] = [open([]), open([])]
  await one.started('upload-door', 180_000)
  registry.clock.advance(60_000)
  await other.started('upload-door', 180_000)
  await one.lives('upload-door', 180_000)
  registry.clock.advance(179_999)
  expect(await told(parts)).toEqual([['upload-door', true, undefined]])
  registry.clock.advance(1)
  expect(await told(parts)).toEqual([
    ['upload-door', false, 'no sign of life, which was due 0 s ago'],
  ])
  await other.lives('upload-door', 180_000)
  expect(await told(parts)).toEqual([['upload-door', true, undefined]])
})

it('a part that was removed is none, whatever it left', async () => {
  await open([]).started('upload-door', 180_000)
  registry.clock.advance(181_000)
  const gone = ['upload-door', false, 'no sign of life, which was due 1 s ago']
  expect(await told(open([]))).toEqual([gone])
  expect(await told(open([{ name: 'upload-door', removed: true }]))).toEqual([])
})

it('a part of which nobody expects a sign of life any more works without', async () => {
  await open([]).started('upload-door', 180_000)
  await open([]).started('upload-door')
  registry.clock.advance(30 * 86_400_000)
  expect(await told(open([]))).toEqual([['upload-door', true, undefined]])
})

it('a queue works while what is due is done', async () => {
  const queue = new TableQueue(registry.table, registry.clock, 'events')
  const parts = open([queuePart(queue, registry.clock)])
  await queue.send({ kind: 'one' })
  await queue.send({ kind: 'two' }, { delay: 900_000 })
  registry.clock.advance(120_000)
  expect(await told(parts)).toEqual([['queue', true, undefined]])
  registry.clock.advance(1000)
  expect(await told(parts)).toEqual([
    ['queue', false, 'nobody does its jobs (2), the first since 121 s'],
  ])
})

it('a part that cannot say how it is does not work', async () => {
  expect(await told(open([{ name: 'queue', state }]))).toEqual([
    ['queue', false, 'the queue does not answer'],
  ])
})
