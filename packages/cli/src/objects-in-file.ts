/** The objects that a file of YAML or JSON holds. */
import { readFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'
import type { ApiObject } from './api-client.ts'
import { CommandError } from './command-error.ts'

/** `file`: `-` for standard input. */
export function objectsInFile(file: string): readonly ApiObject[] {
  const objects = parseAllDocuments(textOf(file)).flatMap((document) => {
    const [error] = document.errors
    if (error)
      throw new CommandError(`error: error parsing ${file}: ${error.message.split('\n')[0]}`)
    const object = document.toJS() as ApiObject | null
    if (object === null) return []
    return object.kind === 'List' ? [...(object.items ?? [])] : [object]
  })
  if (objects.length === 0) throw new CommandError('error: no objects passed to create')
  for (const { kind, metadata } of objects) {
    if (typeof kind !== 'string')
      throw new CommandError(`error: unable to decode "${file}": Object 'Kind' is missing`)
    if (typeof metadata?.name !== 'string')
      throw new CommandError(`error: unable to decode "${file}": the ${kind} has no metadata.name`)
  }
  return objects
}

function textOf(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch {
    throw new CommandError(`error: the path "${file}" does not exist`)
  }
}
