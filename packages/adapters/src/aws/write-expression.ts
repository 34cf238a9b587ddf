/** One write of a transaction in DynamoDB's words. */
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import type { Condition, Value, Write } from '@sluice/core/ports/table'
import { attributeValue, type Attributes } from './attribute-values.ts'
import { checkAttributeName, MADE_BY_REMOVAL, storedKey, storedRecord } from './stored-record.ts'

/** Every record has a `pk`, and what is not there has none. */
const RECORD_IS_PRESENT = 'attribute_exists(pk)'
const RECORD_IS_ABSENT = 'attribute_not_exists(pk)'

type Update = Extract<Write, { readonly update: unknown }>

/** Throws `TableLimitError` for what DynamoDB cannot keep. */
export function writeExpression(TableName: string, write: Write): TransactWriteItem {
  const words = new Words()
  if ('check' in write) {
    const ConditionExpression = conditionText(write.when, words)
    const Key = storedKey(write.check)
    return { ConditionCheck: { TableName, Key, ConditionExpression, ...words.spoken() } }
  }
  const guard = write.when && { ConditionExpression: conditionText(write.when, words) }
  if ('put' in write) {
    const Item = storedRecord(write.put, write.item)
    return { Put: { TableName, Item, ...guard, ...words.spoken() } }
  }
  if ('delete' in write) {
    const Key = storedKey(write.delete)
    return { Delete: { TableName, Key, ...guard, ...words.spoken() } }
  }
  const UpdateExpression = updateText(write, words)
  const Key = storedKey(write.update)
  return { Update: { TableName, Key, UpdateExpression, ...guard, ...words.spoken() } }
}

function conditionText(when: Condition, words: Words): string {
  if (when === 'present') return RECORD_IS_PRESENT
  if (when === 'absent') return RECORD_IS_ABSENT
  // An attribute that is missing, or whose record is, equals nothing.
  return Object.entries(when.equals)
    .map(([name, value]) => `${words.name(name)} = ${words.value(value)}`)
    .join(' AND ')
}

function updateText({ set = {}, add = {}, remove = [], when }: Update, words: Words): string {
  const assigned = Object.entries(set)
  const added = Object.entries(add)
  const mayCreate = when === undefined || when === 'absent'
  if (mayCreate && assigned.length === 0 && added.length === 0) {
    assigned.push([MADE_BY_REMOVAL, true])
  }
  const clauses: readonly (readonly [string, readonly string[]])[] = [
    ['SET', assigned.map(([name, value]) => `${words.name(name)} = ${words.value(value)}`)],
    ['ADD', added.map(([name, value]) => `${words.name(name)} ${words.value(value)}`)],
    ['REMOVE', remove.map((name) => words.name(name))],
  ]
  return clauses
    .filter(([, actions]) => actions.length > 0)
    .map(([verb, actions]) => `${verb} ${actions.join(', ')}`)
    .join(' ')
}

/** Names and values stand beside an expression; within it they would collide with DynamoDB's reserved words. */
class Words {
  readonly #names: Record<string, string> = {}
  readonly #values: Attributes = {}
  #count = 0

  name(name: string): string {
    checkAttributeName(name)
    const word = `#${this.#count++}`
    this.#names[word] = name
    return word
  }

  value(value: Value): string {
    const word = `:${this.#count++}`
    this.#values[word] = attributeValue(value)
    return word
  }

  /** DynamoDB refuses either where it is empty. */
  spoken(): {
    readonly ExpressionAttributeNames?: Record<string, string>
    readonly ExpressionAttributeValues?: Attributes
  } {
    return {
      ...(Object.keys(this.#names).length > 0 && { ExpressionAttributeNames: this.#names }),
      ...(Object.keys(this.#values).length > 0 && { ExpressionAttributeValues: this.#values }),
    }
  }
}
