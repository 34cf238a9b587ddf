/** Where the text of a registry's key set is kept (`signing-key-set.ts`). Every method rejects with what its technology says. */
export interface SigningKeyStore {
  /** `file /...` or `parameter /...`, for messages. */
  readonly place: string
  /** Milliseconds for which a process goes on with what it has read. */
  readonly keptForMs: number
  /** `undefined` where nothing was ever kept. */
  read(): Promise<string | undefined>
  /** Keeps the first set; answers the one that is kept then, which is another's where that was first. */
  create(text: string): Promise<string>
  /** The whole set, or nothing of it. */
  replace(text: string): Promise<void>
}
