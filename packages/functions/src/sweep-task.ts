/** What the sweep function is asked to do, by its event; a schedule's own event asks for a sweep. */

export type SweepTask =
  | { readonly task: 'sweep' }
  /** One step of a check; see `CheckOptions` of core's checker. */
  | { readonly task: 'check'; readonly deep: boolean; readonly repair: boolean }
  /** The upstreams become what the owner's settings say (`infra/upstreams.ts`). */
  | { readonly task: 'upstreams'; readonly upstreams: readonly unknown[] }

/** Throws a TypeError that says what is wrong: a check must never repair, or a sweep begin, by a slip of the pen. */
export function parseSweepTask(event: unknown): SweepTask {
  const { task = 'sweep', ...others } = isObject(event) ? event : {}
  if (task === 'sweep') return { task }
  if (task === 'upstreams') {
    const { upstreams } = others
    if (!Array.isArray(upstreams)) throw new TypeError('upstreams is a list of objects')
    return { task, upstreams }
  }
  if (task !== 'check') {
    throw new TypeError(`task is "sweep", "check" or "upstreams", not ${JSON.stringify(task)}`)
  }
  const { deep = false, repair = false, ...unknown } = others
  if (typeof deep !== 'boolean' || typeof repair !== 'boolean') {
    throw new TypeError('deep and repair are true or false')
  }
  const [name] = Object.keys(unknown)
  if (name !== undefined) throw new TypeError(`a check has deep and repair, and no "${name}"`)
  return { task, deep, repair }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
