import { UpstreamError } from '@sluice/core/ports/upstream'
import { Circuit } from '@sluice/core/services/circuit'
import { expect, it } from 'vitest'
import { settableClock } from '../temporary-registry.ts'

const down = async () => {
  throw new UpstreamError('up.example', 'unreachable', 'is down')
}

const forbidden = async () => {
  throw new UpstreamError('up.example', 'forbidden', 'is not asked for that')
}

const up = async () => 'up'

it('a circuit stays open no longer for a clock that was ahead, and has been put back', async () => {
  const clock = settableClock()
  const circuit = new Circuit('up.example', clock)
  for (const _ of [1, 2]) await expect(circuit.ask(down)).rejects.toThrow('is down')
  expect(circuit.open).toBeDefined()
  clock.advance(-3_600_000)
  expect(await circuit.ask(async () => 'up')).toBe('up')
})

it('tells when it opens, with why, and when it closes, and nothing between', async () => {
  const clock = settableClock()
  const told: unknown[] = []
  const circuit = new Circuit('up.example', clock, async (...said) => void told.push(said))
  await circuit.ask(up)
  for (const _ of [1, 2, 3]) await expect(circuit.ask(down)).rejects.toThrow('up.example')
  const until = clock.now() + 5000
  expect(told).toEqual([['up.example', { problem: 'upstream up.example is down', until }]])
  clock.advance(5000)
  for (const _ of [1, 2]) await circuit.ask(up)
  expect(told.slice(1)).toEqual([['up.example', undefined]])
})

it('learns nothing from what the upstream was never asked', async () => {
  const circuit = new Circuit('up.example', settableClock())
  await expect(circuit.ask(down)).rejects.toThrow('is down')
  await expect(circuit.ask(forbidden)).rejects.toThrow('is not asked')
  await expect(circuit.ask(down)).rejects.toThrow('is down')
  expect(circuit.open).toBeDefined()
})
