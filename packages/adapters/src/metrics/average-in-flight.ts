import { SLOT_MS, type Readings } from './readings.ts'

const DURATIONS = 'imageregistry_http_request_duration_seconds'

/**
 * Requests under way at once, on average since the slot before this one began: the seconds that requests took, by the
 * seconds that there were. What environments have under way now nobody can ask them; and what they said of it would stand for
 * ever once one of them is gone.
 */
export function averageInFlight(readings: readonly Readings[], now: number): number {
  const since = Math.floor(now / SLOT_MS) - 1
  let seconds = 0
  for (const { families } of readings) {
    for (const row of families[DURATIONS] ?? []) {
      for (const [slot, cells] of row.length === 4 ? row[3] : []) {
        if (slot < since) continue
        for (const cell of cells) seconds += typeof cell === 'number' ? cell : cell[0] * cell[1]
      }
    }
  }
  return (seconds * 1000) / (now - since * SLOT_MS)
}
