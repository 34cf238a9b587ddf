/** One transaction on the writing connection, inside whatever group its writer has begun. */
import { checkItem } from '@sluice/core/ports/table-limits'
import type { Condition, Item, Key, Outcome } from '@sluice/core/ports/table'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { itemText, parseItem } from './item-text.ts'

/** A write as it travels to the writer: items are text already. */
export type PackedWrite =
  | { readonly kind: 'put'; readonly key: Key; readonly text: string; readonly when?: Condition }
  | ({ readonly kind: 'update'; readonly key: Key; readonly when?: Condition } & Changes)
  | { readonly kind: 'delete' | 'check'; readonly key: Key; readonly when?: Condition }

/** `set` is an item's text. */
interface Changes {
  readonly set: string
  readonly add: { readonly [attribute: string]: number }
  readonly remove: readonly string[]
}

const PUT = `
  INSERT INTO records (pk, sk, item) VALUES (?, ?, ?)
  ON CONFLICT (pk, sk) DO UPDATE SET item = excluded.item
`

/** What a transaction comes to: the text to put for each write that puts one. */
export interface Decision {
  readonly outcome: Outcome
  readonly texts: readonly (string | undefined)[]
}

/**
 * Runs transactions in two steps, so that one which is refused has written nothing and needs no savepoint: `decide`
 * reads, and throws for a limit or a wrong `add`; `apply` writes, and throws only what concerns the whole group.
 */
export class TransactionRunner {
  readonly #read: StatementSync
  readonly #put: StatementSync
  readonly #delete: StatementSync

  constructor(database: DatabaseSync) {
    this.#read = database.prepare('SELECT item FROM records WHERE pk = ? AND sk = ?')
    this.#read.setReturnArrays(true)
    this.#put = database.prepare(PUT)
    this.#delete = database.prepare('DELETE FROM records WHERE pk = ? AND sk = ?')
  }

  decide(writes: readonly PackedWrite[]): Decision {
    const before = writes.map((write) =>
      write.when !== undefined || write.kind === 'update' ? this.#current(write.key) : undefined,
    )
    const failed = writes.flatMap(({ when }, at) => (holds(when, before[at]) ? [] : [at]))
    if (failed.length > 0) return { outcome: { ok: false, failed }, texts: [] }
    const texts = writes.map((write, at) => {
      if (write.kind === 'put') return write.text
      return write.kind === 'update' ? updated(write, before[at]) : undefined
    })
    return { outcome: { ok: true }, texts }
  }

  apply(writes: readonly PackedWrite[], { outcome, texts }: Decision): void {
    if (!outcome.ok) return
    for (const [at, { kind, key }] of writes.entries()) {
      const text = texts[at]
      if (text !== undefined) this.#put.run(key.pk, key.sk, text)
      if (kind === 'delete') this.#delete.run(key.pk, key.sk)
    }
  }

  #current({ pk, sk }: Key): Item | undefined {
    const text = this.#read.get(pk, sk)?.[0]
    return typeof text === 'string' ? parseItem(text) : undefined
  }
}

function holds(when: Condition | undefined, item: Item | undefined): boolean {
  if (when === undefined) return true
  if (when === 'absent') return item === undefined
  if (item === undefined) return false
  return (
    when === 'present' ||
    Object.entries(when.equals).every(([name, value]) => own(item, name) === value)
  )
}

function updated(
  { key, set, add, remove }: Changes & { readonly key: Key },
  before: Item = {},
): string {
  const after = new Map(Object.entries(before))
  for (const name of remove) after.delete(name)
  for (const [name, value] of Object.entries(parseItem(set))) after.set(name, value)
  for (const [name, value] of Object.entries(add)) {
    const old = own(before, name) ?? 0
    if (typeof old !== 'number') {
      throw new TypeError(`${name} of ${key.pk} ${key.sk} is no number to add to`)
    }
    after.set(name, old + value)
  }
  const item = Object.fromEntries(after)
  checkItem(key, item)
  return itemText(item)
}

const own = (item: Item, name: string) => (Object.hasOwn(item, name) ? item[name] : undefined)
