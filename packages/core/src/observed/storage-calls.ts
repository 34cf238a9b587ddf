/** What is measured of each call to a storage port, in the words of OpenShift's registry for its storage driver. */
import type { Counter, Metrics, Summary } from '../ports/metrics.ts'
import { StorageError, type StorageFailure } from '../ports/storage-error.ts'
import { timed } from './timed.ts'

const CODES: Record<StorageFailure, string> = {
  full: 'DEVICE_OUT_OF_SPACE',
  'read-only': 'READ_ONLY_FILESYSTEM',
  limit: 'FILE_TOO_LARGE',
  unavailable: 'UNKNOWN',
}

export type StorageOperation =
  | `StorageDriver.${'GetContent' | 'PutContent' | 'Reader' | 'Stat' | 'List' | 'Delete' | 'URLFor' | 'Walk'}`
  | `FileWriter.${'Write' | 'Cancel' | 'Commit'}`
  | 'ReadCloser.Read'

/** One kind of call. */
export class StorageCalls {
  readonly #metrics: Metrics
  readonly #operation: StorageOperation
  readonly #call: string | undefined
  #duration: Summary | undefined
  #calls: Counter | undefined

  /** `call`: the port's own name of it, counted as what a cloud takes money for. */
  constructor(metrics: Metrics, operation: StorageOperation, call?: string) {
    this.#metrics = metrics
    this.#operation = operation
    this.#call = call
  }

  measure<T>(work: () => Promise<T>): Promise<T> {
    const duration = (this.#duration ??= this.#begin())
    this.#calls?.add(1)
    return timed(duration, performance.now(), work(), this.#failed)
  }

  /** As OpenShift's registry counts it: also where to ask for it was no mistake. */
  missing(): void {
    this.#count('PATH_NOT_FOUND')
  }

  /** Nothing is told of calls that were never made. */
  #begin(): Summary {
    const call = this.#call
    if (call !== undefined)
      this.#calls = this.#metrics.counter('sluice_engine_calls_total', { call })
    const operation = this.#operation
    return this.#metrics.summary('imageregistry_storage_duration_seconds', { operation })
  }

  /** What the source of an upload throws is no failure of the storage. */
  readonly #failed = (error: unknown): void => {
    if (error instanceof StorageError) this.#count(CODES[error.reason])
  }

  #count(code: string): void {
    const labels = { code, operation: this.#operation }
    this.#metrics.counter('imageregistry_storage_errors_total', labels).add(1)
  }
}
