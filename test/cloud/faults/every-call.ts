/** Strikes every call of a scenario. */
import { expect } from 'vitest'
import type { Fault, FaultKind, FaultLife } from '../proxy/calls.ts'
import type { FaultRuns, Scenario } from './fault-runs.ts'

/** With `1`, each run has one fault alone; else one in every so many calls, so that all are struck in fewer runs. */
const ALONE = process.env['SLUICE_FAULT_ALL'] === '1'

/** A client that is refused repeats its step, and is to be struck less often than it repeats. */
const EVERY = { once: 5, call: 20, service: 20 }

const DAY = Math.floor(Date.now() / 86_400_000)

/** Only a transaction can be in conflict, and only an answer with bytes be cut. */
const CAN: Partial<Record<FaultKind, RegExp>> = {
  conflict: /\.TransactWriteItems$/,
  cut: /\.(?:Get|BatchGet|Query|List)/,
}

/** Fails with all that was wrong in any run. `share`: of the runs, one in so many, another one each day. */
export async function expectEveryCallSurvives<Prepared>(
  runs: FaultRuns,
  scenario: Scenario<Prepared>,
  kind: FaultKind,
  { lasts = 'once', share = 1 }: { readonly lasts?: FaultLife; readonly share?: number } = {},
): Promise<void> {
  const names = await runs.calls(scenario)
  const faults = names.flatMap((name, at): Fault[] =>
    (CAN[kind]?.test(name) ?? true) ? [{ kind, lasts, call: at + 1 }] : [],
  )
  expect(faults.length).toBeGreaterThan(0)
  const groups = [...Map.groupBy(faults, (_, at) => (ALONE ? at : at % EVERY[lasts])).values()]
  const chosen = ALONE ? groups : groups.filter((_, at) => at % share === DAY % share)
  const struck = await Promise.all(chosen.map((group) => runs.strike(scenario, group)))
  expect(struck.flatMap(({ problems }) => problems)).toEqual([])
  // A sweep is shorter by a round where work comes due in another order.
  const unmet = struck.reduce((sum, one) => sum + one.unmet, 0)
  expect(unmet).toBeLessThanOrEqual(chosen.flat().length / 6)
}
