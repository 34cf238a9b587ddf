/**
 * Items as JSON text. Bytes become `{"$binary": base64}`; a name of the caller's own that begins with `$` gets one more,
 * so that whatever goes in comes out.
 */
import type { Item, Value } from '@sluice/core/ports/table'

const BINARY = '$binary'

export const itemText = (item: Item): string => JSON.stringify(wrapMap(item))

export function parseItem(text: string): Item {
  const parsed: Item = JSON.parse(text)
  return text.includes('"$') ? unwrapMap(parsed) : parsed
}

/** Returns the value itself where nothing in it needs wrapping, which is nearly always. */
function wrap(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) {
    const { buffer, byteOffset, byteLength } = value
    return { [BINARY]: Buffer.from(buffer, byteOffset, byteLength).toString('base64') }
  }
  if (!isList(value)) return wrapMap(value)
  return value.some((element) => wrap(element) !== element) ? value.map(wrap) : value
}

function wrapMap(map: Item): Item {
  const entries = Object.entries(map)
  const plain = entries.every(([name, value]) => !name.startsWith('$') && wrap(value) === value)
  if (plain) return map
  return Object.fromEntries(
    entries.map(([name, value]) => [name.startsWith('$') ? `$${name}` : name, wrap(value)]),
  )
}

function unwrap(value: Value): Value {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  if (isList(value)) return value.map(unwrap)
  const binary = value[BINARY]
  // Not a Buffer: those share memory with their neighbours, and print and compare as something else.
  if (typeof binary === 'string') return new Uint8Array(Buffer.from(binary, 'base64'))
  return unwrapMap(value)
}

function unwrapMap(map: Item): Item {
  return Object.fromEntries(
    Object.entries(map).map(([name, value]) => [
      name.startsWith('$') ? name.slice(1) : name,
      unwrap(value),
    ]),
  )
}

const isList = (value: object): value is readonly Value[] => Array.isArray(value)
