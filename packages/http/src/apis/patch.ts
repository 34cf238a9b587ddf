/**
 * Changes of an object: JSON patch (RFC 6902), merge patch (RFC 7386), and Kubernetes' strategic merge patch, in which for the
 * kinds that are served here lists are whole values.
 */
import { ObjectError } from '@sluice/core/object-error'
import { badRequest, isMembers, shownText, type Json, type Members } from './wire-object.ts'

export const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
] as const

export function patched(object: Members, contentType: string, patch: unknown): Members {
  switch (contentType) {
    case 'application/json-patch+json':
      return jsonPatched(object, patch)
    case 'application/merge-patch+json':
    case 'application/strategic-merge-patch+json': {
      if (!isMembers(patch)) throw badRequest('a merge patch is an object')
      const merged = merge(object, patch, contentType.includes('strategic'))
      return isMembers(merged) ? merged : {}
    }
    default: {
      const known = PATCH_TYPES.join(', ')
      const message = `the body of the request was in an unknown format - accepted media types include: ${known}`
      throw new ObjectError('UnsupportedMediaType', message)
    }
  }
}

/** Directives of a strategic patch (`$setElementOrder/secrets`, `$retainKeys`) order and keep what is whole here anyway. */
function merge(before: Json | undefined, patch: Json, strategic: boolean): Json {
  if (!isMembers(patch)) return patch
  if (strategic && patch['$patch'] === 'replace') return without(patch, '$patch')
  const merged: Record<string, Json> = isMembers(before) ? { ...before } : {}
  for (const [name, value] of Object.entries(patch)) {
    if (strategic && name.startsWith('$')) continue
    if (value === null) delete merged[name]
    else merged[name] = merge(merged[name], value, strategic)
  }
  return merged
}

function without(members: Members, name: string): Members {
  return Object.fromEntries(Object.entries(members).filter(([one]) => one !== name))
}

/** Characters of JSON: a few copies of copies would fill any memory. */
const MAX_COPIED = 1024 * 1024

const tooMuchCopied = (): ObjectError =>
  new ObjectError('RequestEntityTooLarge', `a JSON patch copies at most ${MAX_COPIED} characters`)

function jsonPatched(object: Members, patch: unknown): Members {
  if (!Array.isArray(patch)) throw badRequest('a JSON patch is a list of operations')
  let root = structuredClone<Json>(object)
  let copied = 0
  for (const operation of patch as unknown[]) {
    if (!isMembers(operation)) throw badRequest('an operation of a JSON patch is an object')
    if (operation['op'] === 'copy') {
      copied += JSON.stringify(read(root, pointer(operation['from']))).length
      if (copied > MAX_COPIED) throw tooMuchCopied()
    }
    root = apply(root, operation)
  }
  if (!isMembers(root)) throw badRequest('the patch leaves no object')
  return root
}

type Mutable = Json[] | Record<string, Json>

const WITH_VALUE: readonly (Json | undefined)[] = ['add', 'replace', 'test']

function apply(root: Json, operation: Members): Json {
  const { op, path, from, value = null } = operation
  if (WITH_VALUE.includes(op) && !Object.hasOwn(operation, 'value'))
    throw badRequest('an operation of a JSON patch that adds, replaces or tests has a value')
  const to = pointer(path)
  switch (shownText(op)) {
    case 'test':
      if (isSame(read(root, to), value)) return root
      throw new ObjectError(
        'Invalid',
        `testing path ${shownText(path)} has a value that is not the expected one`,
      )
    case 'add':
      return write(root, to, value, 'add')
    case 'replace':
      read(root, to)
      return write(root, to, value, 'replace')
    case 'remove':
      read(root, to)
      return drop(root, to)
    case 'copy':
      return write(root, to, structuredClone(read(root, pointer(from))), 'add')
    case 'move': {
      const moved = read(root, pointer(from))
      return write(drop(root, pointer(from)), to, moved, 'add')
    }
    default:
      throw badRequest(
        `an operation of a JSON patch is none of add, remove, replace, move, copy, test`,
      )
  }
}

/** Members have no order (RFC 6902 section 4.6). */
function isSame(one: Json, other: Json): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return one === other
  if (Array.isArray(one) !== Array.isArray(other)) return false
  const members = Object.entries(one)
  return (
    members.length === Object.keys(other).length &&
    members.every(
      ([name, value]) => Object.hasOwn(other, name) && isSame(value, (other as Members)[name]!),
    )
  )
}

function pointer(path: Json | undefined): string[] {
  if (typeof path !== 'string' || (path !== '' && !path.startsWith('/')))
    throw badRequest('a path of a JSON patch begins with /')
  return path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

const missing = (): ObjectError =>
  new ObjectError('Invalid', 'the patch names a path that is not there')

/** Digits without a zero before them (RFC 6901 section 4). */
function indexOf(part: string): number {
  if (/^(?:0|[1-9]\d{0,9})$/.test(part)) return Number(part)
  throw missing()
}

function child(of: Json, part: string): Json {
  const found = Array.isArray(of)
    ? of[indexOf(part)]
    : isMembers(of) && Object.hasOwn(of, part)
      ? of[part]
      : undefined
  if (found === undefined) throw missing()
  return found as Json
}

const read = (root: Json, path: readonly string[]): Json => path.reduce<Json>(child, root)

function write(root: Json, path: readonly string[], value: Json, how: 'add' | 'replace'): Json {
  const last = path.at(-1)
  if (last === undefined) return value
  const holder = read(root, path.slice(0, -1)) as Mutable
  if (!Array.isArray(holder)) {
    if (!isMembers(holder)) throw missing()
    // Never the prototype of anything.
    Object.defineProperty(holder, last, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    })
    return root
  }
  const at = last === '-' ? holder.length : indexOf(last)
  if (at > holder.length) throw missing()
  holder.splice(at, how === 'add' ? 0 : 1, value)
  return root
}

function drop(root: Json, path: readonly string[]): Json {
  const last = path.at(-1)
  if (last === undefined) return null
  const holder = read(root, path.slice(0, -1)) as Mutable
  if (Array.isArray(holder)) holder.splice(indexOf(last), 1)
  else delete holder[last]
  return root
}
