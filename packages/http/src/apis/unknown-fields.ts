/** Fields that a kind does not have: a typing error in a rule must not pass for a rule. */
import type { Schema } from './schema.ts'
import { isMembers, type Json } from './wire-object.ts'

/** As they stand in the object: `rules[0].verb`. */
export function unknownFields(value: Json, schema: Schema, path = ''): readonly string[] {
  const { items, properties } = schema
  if (Array.isArray(value) && items) {
    const list: readonly Json[] = value
    return list.flatMap((one, at) => unknownFields(one, items, `${path}[${at}]`))
  }
  if (!isMembers(value) || !properties) return []
  return Object.entries(value).flatMap(([name, one]) => {
    const to = path === '' ? name : `${path}.${name}`
    const below = Object.hasOwn(properties, name) ? properties[name] : undefined
    return below ? unknownFields(one, below, to) : [to]
  })
}
