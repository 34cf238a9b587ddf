/** The server's tables, as text. https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables */
import type { ApiClient, ApiObject } from './api-client.ts'
import { listPages } from './list-pages.ts'
import { shownName } from './resource-names.ts'
import type { Wanted } from './wanted.ts'

interface Table extends ApiObject {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[]
  readonly rows: readonly { readonly cells: readonly string[]; readonly object: ApiObject }[]
}

const TABLE = { Accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' }

/** One for each resource that has any, and `''` for none at all. `across`: projects are told apart. */
export async function printTables(
  client: ApiClient,
  wanted: readonly Wanted[],
  { wide, across }: { readonly wide: boolean; readonly across: boolean },
): Promise<string> {
  const texts: string[] = []
  for (const one of wanted) {
    const table = await tableOf(client, one)
    const prefix = wanted.length > 1 ? `${shownName(one.resource)}/` : ''
    if (table.rows.length > 0) texts.push(tableText(table, { wide, across, prefix }))
  }
  return texts.join('\n')
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
  {
    wide,
    across,
    prefix,
  }: { readonly wide: boolean; readonly across: boolean; readonly prefix: string },
): string {
  const shown = columnDefinitions.map(({ priority }) => wide || priority === 0)
  const cut = (cells: readonly string[]) => cells.filter((_, at) => shown[at])
  const lines = rows.map(({ cells, object }) => [
    ...(across ? [object.metadata.namespace ?? ''] : []),
    ...cut(cells.map((cell, at) => (at === 0 ? prefix + cell : cell))),
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
    lines.reduce((most, line) => Math.max(most, (line[at] ?? '').length), 0),
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
