/**
 * Columns as Go's text/tabwriter makes them, with which `oc` and `kubectl` write: a cell ends with a tab, and a column is as wide as
 * the widest of its cells in lines that follow one another. https://pkg.go.dev/text/tabwriter
 */

/** Of `kubectl`: spaces, two of them between columns. */
const SPACES = { tab: 1, padding: 2, fill: ' ' }
/** Of `kubectl`'s tables: three. */
const WIDE_SPACES = { tab: 1, padding: 3, fill: ' ' }
/** Of `oc`: tabs, one at least. */
const TABS = { tab: 8, padding: 1, fill: '\t' }

type Style = typeof SPACES

export const withSpaces = (lines: readonly string[]): string => aligned(lines, SPACES)
export const withWideSpaces = (lines: readonly string[]): string => aligned(lines, WIDE_SPACES)
export const withTabs = (lines: readonly string[]): string => aligned(lines, TABS)

function aligned(lines: readonly string[], style: Style): string {
  const rows = lines.map((line) => line.split('\t'))
  const widths = rows.map(() => [] as number[])
  setWidths(rows, widths, { from: 0, to: rows.length, column: 0 }, style)
  return rows
    .map((cells, row) => {
      const last = cells.length - 1
      return `${cells.map((cell, at) => (at < last ? cell + padding(cell, widths[row]![at]!, style) : cell)).join('')}\n`
    })
    .join('')
}

interface Block {
  readonly from: number
  readonly to: number
  readonly column: number
}

/** Of each run of lines that have a cell there; the text behind a line's last tab is no cell. */
function setWidths(
  rows: readonly (readonly string[])[],
  widths: readonly number[][],
  { from, to, column }: Block,
  style: Style,
): void {
  const has = (row: number): boolean => rows[row]!.length - 1 > column
  for (let start = from; start < to; start++) {
    if (!has(start)) continue
    let end = start
    while (end < to && has(end)) end++
    const cells = rows.slice(start, end).map((row) => row[column]!.length)
    const widest = cells.reduce((most, width) => Math.max(most, width), 0)
    const width = widest === 0 ? 0 : widest + style.padding
    for (let row = start; row < end; row++) widths[row]![column] = width
    setWidths(rows, widths, { from: start, to: end, column: column + 1 }, style)
    start = end
  }
}

function padding(cell: string, width: number, { tab, fill }: Style): string {
  const whole = Math.ceil(width / tab) * tab
  return fill.repeat(Math.ceil((whole - cell.length) / tab))
}
