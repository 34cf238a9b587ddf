/** An object of the admin API as core keeps it: what all have in common, and what its kind has. */

export interface ObjectMeta {
  readonly name: string
  /** The project; absent for what belongs to the whole registry. */
  readonly namespace?: string
  readonly uid: string
  /** Another one after each change; opaque to clients, never compared but for equality. */
  readonly resourceVersion: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

export interface StoredObject<Content> {
  readonly meta: ObjectMeta
  readonly content: Content
}

/** What a caller gives of an object; the rest of its metadata is the registry's. */
export interface ObjectDraft<Content> {
  readonly name: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly content: Content
}
