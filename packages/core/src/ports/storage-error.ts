/** What a storage port throws when its technology fails; it knows no protocol. */
export class StorageError extends Error {
  override readonly name = 'StorageError'
  /** `full`: no room is left. `unavailable`: the technology cannot be reached or refuses now. Both may pass. */
  readonly reason: 'full' | 'unavailable'

  constructor(reason: 'full' | 'unavailable', message: string, cause: unknown) {
    super(message, { cause })
    this.reason = reason
  }
}
