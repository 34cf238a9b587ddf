export type StorageFailure = 'full' | 'read-only' | 'unavailable' | 'limit'

/** What a storage port throws when its technology fails; it knows no protocol. */
export class StorageError extends Error {
  override readonly name = 'StorageError'
  /**
   * `full`: no room is left. `read-only`: nothing can be written. `unavailable`: the technology cannot be reached or
   * refuses now. All three may pass. `limit`: it takes no such thing however often it is asked; the message says what to
   * do, and is the client's to read.
   */
  readonly reason: StorageFailure

  constructor(reason: StorageFailure, message: string, cause: unknown) {
    super(message, { cause })
    this.reason = reason
  }
}
