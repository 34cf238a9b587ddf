/** Objects whole, or by their names. */
import { stringify } from 'yaml'
import type { ApiClient, ApiObject } from './api-client.ts'
import { CommandError } from './command-error.ts'
import { listAll } from './list-pages.ts'
import { resourceOfKind, shownName } from './resource-names.ts'
import type { Wanted } from './wanted.ts'

const OUTPUTS = ['json', 'yaml', 'name', 'wide'] as const

/** For readers of YAML 1.1 as well, to whom more plain words mean something. */
const AS_KUBECTL = { version: '1.1', sortMapEntries: true, indentSeq: false, lineWidth: 0 } as const

/** Throws `CommandError` for what is none of `OUTPUTS`. */
export function knownOutput(output: string): void {
  if ((OUTPUTS as readonly string[]).includes(output)) return
  throw new CommandError(
    `error: unable to match a printer suitable for the output format "${output}", allowed formats are: ${OUTPUTS.join(',')}`,
  )
}

interface List {
  readonly apiVersion: 'v1'
  readonly kind: 'List'
  readonly metadata: object
  readonly items: readonly ApiObject[]
}

const isList = (object: ApiObject | List): object is List => object.kind === 'List'

export const listOf = (items: readonly ApiObject[]): List => ({
  apiVersion: 'v1',
  items,
  kind: 'List',
  metadata: { resourceVersion: '' },
})

/** One that was named alone stands by itself. */
export async function printObjects(
  client: ApiClient,
  wanted: readonly Wanted[],
  output: string,
): Promise<string> {
  knownOutput(output)
  const objects: ApiObject[] = []
  for (const one of wanted) {
    if ('list' in one) for (const object of await listAll(client, one.list)) objects.push(object)
    else for (const path of one.each) objects.push(await client.object('GET', path))
  }
  const [first] = objects
  const alone = objects.length === 1 && first && wanted.every((one) => 'each' in one)
  return wholeText(alone ? first : listOf(objects), output)
}

export function wholeText(object: ApiObject | List, output: string): string {
  if (output === 'json') return `${JSON.stringify(object, undefined, 4)}\n`
  if (output === 'yaml') return stringify(object, AS_KUBECTL)
  const objects = isList(object) ? object.items : [object]
  return objects
    .map(({ kind = '', metadata }) => `${shownName(resourceOfKind(kind))}/${metadata.name}\n`)
    .join('')
}
