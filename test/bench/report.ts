/** What a part hands back: tables to paste into a README, with what one must know to read them. */

export interface Table {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly notes: readonly string[]
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

export function markdown(table: Table): string {
  const widths = table.head.map((name, column) =>
    Math.max(3, name.length, ...table.rows.map((row) => row[column]?.length ?? 0)),
  )
  const padded = (row: readonly string[]): string =>
    line(widths.map((width, column) => (row[column] ?? '').padEnd(width)))
  return [
    `### ${table.title}`,
    '',
    padded(table.head),
    line(widths.map((width) => '-'.repeat(width))),
    ...table.rows.map(padded),
    '',
    ...table.notes.map((note) => `- ${note}`),
    '',
  ].join('\n')
}

/** Three significant digits at least, thousands apart: 8,412 and 0.153. */
export const figure = (value: number): string =>
  Number.isNaN(value)
    ? '-'
    : value >= 100
      ? Math.round(value).toLocaleString('en-US')
      : Number(value.toPrecision(3)).toString()

export const ratio = (value: number, base: number | undefined): string =>
  base === undefined || Number.isNaN(value / base) ? '-' : `${figure(value / base)}x`
