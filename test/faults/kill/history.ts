/**
 * What a name may mean after requests that overlapped, some without an answer. Nothing is known of the order of two
 * requests unless one was answered before the other began.
 */

export interface Operation {
  /** `put` gives the name a value; `delete` takes it, or only that `value` where one is named. */
  readonly kind: 'put' | 'delete'
  readonly value: string | undefined
  readonly begun: number
  ended: number
  /** `maybe`: no answer came, or one that does not say. */
  outcome: 'under way' | 'done' | 'maybe' | 'refused'
}

/** `undefined` among the answers: the name may stand for nothing. */
export function possibleValues(operations: readonly Operation[]): ReadonlySet<string | undefined> {
  const happened = operations.filter(({ outcome }) => outcome !== 'refused')
  const isWhole = (one: Operation) => one.kind === 'put' || one.value === undefined
  const whole = happened.filter(isWhole)
  const partial = happened.filter((one) => !isWhole(one))
  const last = whole.filter(
    (one) => !whole.some((other) => other.outcome === 'done' && other.begun > one.ended),
  )
  const values = new Set<string | undefined>()
  if (!whole.some(({ outcome }) => outcome === 'done')) values.add(undefined)
  for (const { value, begun, ended } of last) {
    const takes = partial.filter((one) => one.value === value)
    if (takes.some((take) => take.ended > begun)) values.add(undefined)
    if (takes.some((take) => take.outcome === 'done' && take.begun > ended)) continue
    values.add(value)
  }
  return values
}
