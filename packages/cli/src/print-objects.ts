/** Objects as the user asked to see them: as the server's tables, as names, or whole. */
import { stringify } from 'yaml'
import type { ApiClient, ApiObject } from './api-client.ts'
import { CommandError } from './command-error.ts'
import { listAll, listPages } from './list-pages.ts'
import { shownName, type NamedResource } from './resource-names.ts'

export const OUTPUTS = ['json', 'yaml', 'name', 'wide'] as const

interface Table extends ApiObject {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[]
  readonly rows: readonly { readonly cells: readonly string[]; readonly object: ApiObject }[]
}

/** For readers of YAML 1.1 as well, to whom more plain words mean something. */
const AS_KUBECTL = { version: '1.1', sortMapEntries: true, indentSeq: false, lineWidth: 0 } as const

/** All of a list, or some by their names. */
export type Wanted = { readonly list: string } | { readonly each: readonly string[] }

const TABLE = { Accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' }

/** `output`: one of `OUTPUTS`; a table without it, or `''` when nothing is there. `across`: projects are told apart. */
export async function printObjects(
  client: ApiClient,
  wanted: Wanted,
  resource: NamedResource,
  { output, across = false }: { readonly output?: string; readonly across?: boolean },
): Promise<string> {
  if (output === undefined || output === 'wide') {
    const table = await tableOf(client, wanted)
    return table.rows.length === 0 ? '' : tableText(table, output === 'wide', across)
  }
  knownOutput(output)
  const objects = await objectsOf(client, wanted)
  const [first] = objects
  return 'each' in wanted && objects.length === 1 && first
    ? wholeText(first, output, resource)
    : wholeText(listOf(objects), output, resource)
}

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

export function wholeText(
  object: ApiObject | List,
  output: string,
  resource: NamedResource,
): string {
  if (output === 'json') return `${JSON.stringify(object, undefined, 4)}\n`
  if (output === 'yaml') return stringify(object, AS_KUBECTL)
  const objects = isList(object) ? object.items : [object]
  return objects.map(({ metadata }) => `${shownName(resource)}/${metadata.name}\n`).join('')
}

async function objectsOf(client: ApiClient, wanted: Wanted): Promise<readonly ApiObject[]> {
  if ('list' in wanted) return listAll(client, wanted.list)
  const objects: ApiObject[] = []
  for (const path of wanted.each) objects.push(await client.object('GET', path))
  return objects
}

async function tableOf(
  client: ApiClient,
  wanted: Wanted,
): Promise<Pick<Table, 'columnDefinitions' | 'rows'>> {
  const tables: Table[] = []
  if ('list' in wanted) {
    for await (const page of listPages(client, wanted.list, TABLE)) tables.push(page as Table)
  } else {
    for (const path of wanted.each)
      tables.push((await client.object('GET', path, undefined, TABLE)) as Table)
  }
  const { columnDefinitions = [] } = tables[0] ?? {}
  return { columnDefinitions, rows: tables.flatMap(({ rows }) => rows) }
}

function tableText(
  { columnDefinitions, rows }: Pick<Table, 'columnDefinitions' | 'rows'>,
  wide: boolean,
  across: boolean,
): string {
  const shown = columnDefinitions.map(({ priority }) => wide || priority === 0)
  const cut = (cells: readonly string[]) => cells.filter((_, at) => shown[at])
  const lines = rows.map(({ cells, object }) => [
    ...(across ? [object.metadata.namespace ?? ''] : []),
    ...cut(cells),
  ])
  const heads = [
    ...(across ? ['Namespace'] : []),
    ...cut(columnDefinitions.map(({ name }) => name)),
  ]
  return columns([heads.map((name) => name.toUpperCase()), ...lines])
}

/** Three spaces between columns, none behind the last. */
function columns(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, at) =>
    Math.max(...lines.map((line) => (line[at] ?? '').length)),
  )
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, at) => cell.padEnd((widths[at] ?? 0) + 3))
          .join('')
          .trimEnd()}\n`,
    )
    .join('')
}
