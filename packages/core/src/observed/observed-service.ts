/**
 * A service whose calls are measured under the operations of OpenShift's registry, as whoever serves a request calls them:
 * what the service calls of itself is not seen. A call that is several operations is measured as each, by the whole of it.
 */
import type { Metrics, Summary } from '../ports/metrics.ts'
import { timed } from './timed.ts'

export type ServiceOperation =
  | `BlobStore.${'Stat' | 'Put' | 'Create' | 'Resume' | 'ServeBlob' | 'Delete'}`
  | `BlobWriter.${'Commit' | 'Cancel'}`
  | `ManifestService.${'Get' | 'Put' | 'Delete'}`
  | `TagService.${'Get' | 'Tag' | 'Untag' | 'All'}`

/** What answers at once that it cannot (`undefined`) is not measured: whoever asks then asks for it in another way. */
type Call<A extends readonly unknown[]> = (...args: A) => Promise<unknown> | object | undefined

/** Of each method that is measured, as what; by its arguments, one of a few lists. */
export type Operations<T> = {
  readonly [N in keyof T]?: T[N] extends Call<infer A>
    ? readonly ServiceOperation[] | ((...args: A) => readonly ServiceOperation[])
    : never
}

export function observedService<T extends object>(
  service: T,
  metrics: Metrics,
  operations: Operations<T>,
): T {
  const prototype = Object.getPrototypeOf(service) as object
  const observed = Object.create(prototype) as Record<string, unknown>
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const method = (service as Record<string, Call<unknown[]>>)[name]!.bind(service)
    const measuredAs = (operations as Record<string, Measure | undefined>)[name]
    observed[name] = measuredAs ? measured(method, measuredAs, metrics) : method
  }
  return observed as T
}

type Measure = readonly ServiceOperation[] | ((...args: unknown[]) => readonly ServiceOperation[])

function measured(call: Call<unknown[]>, measure: Measure, metrics: Metrics): Call<unknown[]> {
  const known = new Map<readonly ServiceOperation[], Summary>()
  const summaryOf = (operations: readonly ServiceOperation[]): Summary => {
    let summary = known.get(operations)
    if (summary === undefined) known.set(operations, (summary = together(operations, metrics)))
    return summary
  }
  return typeof measure === 'function'
    ? (...args) => observed(summaryOf(measure(...args)), performance.now(), call(...args))
    : (...args) => observed(summaryOf(measure), performance.now(), call(...args))
}

function observed<T>(summary: Summary, began: number, answer: Promise<T> | object | undefined) {
  if (answer instanceof Promise) return timed(summary, began, answer)
  if (answer !== undefined) summary.observe((performance.now() - began) / 1000)
  return answer
}

function together(operations: readonly ServiceOperation[], metrics: Metrics): Summary {
  const [first, ...more] = operations.map((operation) =>
    metrics.summary('imageregistry_request_duration_seconds', { operation }),
  )
  if (first && more.length === 0) return first
  return {
    observe: (value) => {
      first?.observe(value)
      for (const summary of more) summary.observe(value)
    },
  }
}
