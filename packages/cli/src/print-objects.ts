/** Objects as the user asked to see them: as the server's tables, as names, or whole. */
import { stringify } from 'yaml'
import type { ApiClient, ApiObject } from './api-client.ts'
import { CommandError } from './command-error.ts'
import { shownName, type NamedResource } from './resource-names.ts'

export const OUTPUTS = ['json', 'yaml', 'name', 'wide'] as const

interface Table {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[]
  readonly rows: readonly { readonly cells: readonly string[]; readonly object: ApiObject }[]
}

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'

/** `output`: one of `OUTPUTS`; a table without it. `across`: projects are told apart. */
export async function printObjects(
  client: ApiClient,
  path: string,
  resource: NamedResource,
  {
    output,
    across = false,
    empty,
  }: { readonly output?: string; readonly across?: boolean; readonly empty: string },
): Promise<string> {
  switch (output) {
    case 'json':
      return `${JSON.stringify(await client.object('GET', path), undefined, 4)}\n`
    case 'yaml':
      return stringify(await client.object('GET', path))
    case 'name': {
      const found = await client.object('GET', path)
      return (found.items ?? [found])
        .map(({ metadata }) => `${shownName(resource)}/${metadata.name}\n`)
        .join('')
    }
    case undefined:
    case 'wide': {
      const table = (await client.object('GET', path, undefined, {
        Accept: TABLE,
      })) as unknown as Table
      return table.rows.length === 0 ? `${empty}\n` : tableText(table, output === 'wide', across)
    }
    default:
      throw new CommandError(
        `error: unable to match a printer suitable for the output format "${output}", allowed formats are: ${OUTPUTS.join(',')}`,
      )
  }
}

function tableText({ columnDefinitions, rows }: Table, wide: boolean, across: boolean): string {
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
export function columns(lines: readonly (readonly string[])[]): string {
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
