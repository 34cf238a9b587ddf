/**
 * Ordered records, the only place of truth. Modelled on what DynamoDB does well, so that one key layout serves every
 * engine; an adapter refuses whatever DynamoDB would refuse (`table-limits.ts`), however much more it could do itself.
 */

/** A record's name: `pk` picks the partition, `sk` orders the records in it by the bytes of its UTF-8. Neither is empty. */
export interface Key {
  readonly pk: string
  readonly sk: string
}

/** What a record can hold. Numbers are finite; `undefined` is not a value. Binary values come back as `Uint8Array`. */
export type Value =
  | string
  | number
  | boolean
  | null
  | Uint8Array
  | readonly Value[]
  | { readonly [name: string]: Value }

/** A record's attributes. What a table returns may be shared with other readers: never change it. */
export interface Item {
  readonly [attribute: string]: Value
}

export interface TableRecord extends Key {
  readonly item: Item
}

/** `equals` holds when the record is present and each named attribute has exactly that value. */
export type Condition =
  | 'absent'
  | 'present'
  | { readonly equals: { readonly [attribute: string]: string | number | boolean } }

/**
 * One write of a transaction. `put` replaces the whole record. `update` creates an absent record (unless its condition
 * forbids); `add` counts from 0 where the attribute is missing, and throws where it is no number; an attribute is
 * named at most once among `set`, `add` and `remove`. `delete` of an absent record succeeds. `check` only tests.
 */
export type Write =
  | { readonly put: Key; readonly item: Item; readonly when?: Condition }
  | {
      readonly update: Key
      readonly set?: Item
      readonly add?: { readonly [attribute: string]: number }
      readonly remove?: readonly string[]
      readonly when?: Condition
    }
  | { readonly delete: Key; readonly when?: Condition }
  | { readonly check: Key; readonly when: Condition }

/** `failed`: the positions, ascending, of all writes whose condition did not hold; nothing was written. */
export type Outcome =
  { readonly ok: true } | { readonly ok: false; readonly failed: readonly number[] }

export interface Query {
  /** Only records whose `sk` begins with this. */
  readonly prefix?: string
  /** Only records whose `sk` is greater than this (less than this with `reverse`). */
  readonly after?: string
  /** At most so many records, 1 to 1,000. */
  readonly limit: number
  readonly reverse?: boolean
}

/** `next`: pass it as `after` for the following page; absent on the last page, even where that page is full. */
export interface Page {
  readonly records: readonly TableRecord[]
  readonly next?: string
}

export interface TransactOptions {
  /**
   * The machine's power may take it back, with all that came after it, until the next transaction that is not lazy; nothing
   * else does. For what is worth nothing without its process, or can be had again. An engine may ignore it.
   */
  readonly lazy?: boolean
  /** It makes room, and may use the room that an engine on a full disk keeps for such. */
  readonly frees?: boolean
}

export interface Table {
  /**
   * Sees every write acknowledged before the call by this process, and by any other before the request arrived that the
   * call serves. Absence is `undefined`.
   */
  get(key: Key): Promise<Item | undefined>

  /**
   * What `get` would answer, where this process remembers that and need not ask the technology; else `undefined`. A table
   * that remembers nothing has none of this.
   */
  peek?(key: Key): { readonly item: Item | undefined } | undefined

  /** Up to 100 different keys; answers in their order, each read as strongly as `get`, but not all at one instant. */
  getMany(keys: readonly Key[]): Promise<readonly (Item | undefined)[]>

  /** One partition in order. A page may hold fewer than `limit` records (a page ends at 1 MB) and still have a `next`. */
  query(pk: string, query: Query): Promise<Page>

  /**
   * Up to 100 writes, 4 MB, no two on one key: all or none, isolated from every other transaction, on stable storage
   * when it returns unless it is `lazy`. A condition that does not hold is a returned value. A failure throws `StorageError`; the writes
   * may then have happened or not.
   */
  transact(writes: readonly Write[], options?: TransactOptions): Promise<Outcome>

  /**
   * All records of all partitions in no order, for the checker: a record present from the first page to the last is
   * seen exactly once. `after` is a former answer's `next` and means nothing else.
   */
  scan(page: { readonly after?: string; readonly limit: number }): Promise<Page>
}
