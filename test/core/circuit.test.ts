import { UpstreamError } from '@sluice/core/ports/upstream'
import { Circuit } from '@sluice/core/services/circuit'
import { expect, it } from 'vitest'
import { settableClock } from '../temporary-registry.ts'

const down = async () => {
  throw new UpstreamError('up.example', 'unreachable', 'is down')
}

it('a circuit stays open no longer for a clock that was ahead, and has been put back', async () => {
  const clock = settableClock()
  const circuit = new Circuit('up.example', clock)
  for (const _ of [1, 2]) await expect(circuit.ask(down)).rejects.toThrow('is down')
  expect(circuit.open).toBeDefined()
  clock.advance(-3_600_000)
  expect(await circuit.ask(async () => 'up')).toBe('up')
})
