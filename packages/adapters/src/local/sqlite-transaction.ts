/** One transaction on the writing connection, inside whatever group its writer has begun. */
import { checkItem } from '@sluice/core/ports/table-limits'
import type { Condition, Item, Key, Outcome } from '@sluice/core/ports/table'
import type { DatabaseSync } from 'node:sqlite'
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

/**
 * Returns a function that runs a transaction: first every condition and every resulting item, then the writes. So a
 * transaction that is refused, or throws for a limit, has written nothing, and needs no savepoint.
 */
export function transactionRunner(
  database: DatabaseSync,
): (writes: readonly PackedWrite[]) => Outcome {
  const read = database.prepare('SELECT item FROM records WHERE pk = ? AND sk = ?')
  const put = database.prepare('INSERT OR REPLACE INTO records (pk, sk, item) VALUES (?, ?, ?)')
  const remove = database.prepare('DELETE FROM records WHERE pk = ? AND sk = ?')
  read.setReturnArrays(true)

  const current = ({ pk, sk }: Key): Item | undefined => {
    const text = read.get(pk, sk)?.[0]
    return typeof text === 'string' ? parseItem(text) : undefined
  }

  return (writes) => {
    const failed: number[] = []
    const before = writes.map((write) =>
      write.when !== undefined || write.kind === 'update' ? current(write.key) : undefined,
    )
    for (const [position, { when }] of writes.entries()) {
      if (!holds(when, before[position])) failed.push(position)
    }
    if (failed.length > 0) return { ok: false, failed }

    const texts = writes.map((write, position) => {
      if (write.kind === 'put') return write.text
      return write.kind === 'update' ? updated(write, before[position]) : ''
    })
    for (const [position, { kind, key }] of writes.entries()) {
      if (kind === 'put' || kind === 'update') put.run(key.pk, key.sk, texts[position] ?? '')
      if (kind === 'delete') remove.run(key.pk, key.sk)
    }
    return { ok: true }
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
