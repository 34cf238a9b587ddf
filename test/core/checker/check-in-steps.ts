import { deserialize, serialize } from 'node:v8'
import { WasmHashes } from '@sluice/adapters/aws/wasm-hashes'
import type { CheckState } from '@sluice/core/services/check/check-state'
import { Checker, type Checked } from '@sluice/core/services/checker'
import type { TemporaryRegistry } from '../../temporary-registry.ts'

/** So small that even a registry of these tests has many. */
const PAGE = 3

/** Pages of the table and the store end earlier than they would. */
export function withSmallPages({ table, store }: TemporaryRegistry): void {
  const scan = table.scan.bind(table)
  table.scan = (page) => scan({ ...page, limit: PAGE })
  const list = store.list.bind(store)
  store.list = (page) => list({ ...page, limit: PAGE })
}

/** A check that is stopped after every piece of work, and gone on with as if by another process each time. */
export async function checkInSteps(
  { table, store, clock }: TemporaryRegistry,
  options: { readonly deep: boolean; readonly repair: boolean; readonly portable?: boolean },
): Promise<{ readonly checked: Checked; readonly states: readonly CheckState[] }> {
  const states: CheckState[] = []
  const hashes = options.portable === false ? undefined : new WasmHashes()
  for (let saved: Buffer | undefined; ;) {
    const checker = new Checker(table, store, clock, hashes)
    const answer = await checker.check({
      pause: 0,
      stop: () => true,
      // What a later step resumes says what it began with.
      ...(saved ? { resume: deserialize(saved) as CheckState } : options),
    })
    if (!('unfinished' in answer)) return { checked: answer, states }
    saved = serialize(answer.unfinished)
    states.push(deserialize(saved) as CheckState)
  }
}
