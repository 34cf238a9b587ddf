/**
 * Lines whose fields are said once. From one request to the next most values are the same (who asks, from where, for what type):
 * what was written of each the last time is kept beside it, and only what differs is looked at and quoted again.
 */
import type { LogForm, LogValue } from '@sluice/core/ports/log'
import type { LineParts } from './log-line.ts'

interface Cell {
  readonly name: string
  value: LogValue
  shown: string
}

/** Fields beside each other that mostly stay as they are, or one that changes with each line. */
interface Run {
  readonly cells: readonly Cell[]
  readonly changes: boolean
  shown: string
}

export class LineForm implements LogForm {
  readonly #message: string
  readonly #runs: readonly Run[]
  readonly #parts: LineParts
  readonly #now: () => string
  readonly #put: (line: string) => void
  #time = ''
  #head = ''

  constructor(
    message: string,
    fields: { readonly names: readonly string[]; readonly changing: readonly string[] },
    parts: LineParts,
    log: { readonly now: () => string; readonly put: (line: string) => void },
  ) {
    this.#message = message
    this.#runs = runsOf(fields)
    this.#parts = parts
    this.#now = log.now
    this.#put = log.put
  }

  write(values: readonly LogValue[]): void {
    let line = this.#headAt(this.#now())
    let at = 0
    for (const run of this.#runs) {
      if (run.changes) {
        line += this.#shown(run.cells[0]!.name, values[at++])
        continue
      }
      let differs = false
      for (const cell of run.cells) {
        const value = values[at++]
        if (value === cell.value) continue
        differs = true
        cell.value = value
        cell.shown = this.#shown(cell.name, value)
      }
      // One string in one piece, which is not put together again with each line.
      if (differs) run.shown = run.cells.map(({ shown }) => shown).join('')
      line += run.shown
    }
    this.#put(line + this.#parts.end)
  }

  #shown(name: string, value: LogValue): string {
    return value === undefined ? '' : this.#parts.field(name, value)
  }

  #headAt(time: string): string {
    if (time !== this.#time) {
      this.#time = time
      this.#head = this.#parts.head(time, 'info', this.#message)
    }
    return this.#head
  }
}

function runsOf(fields: {
  readonly names: readonly string[]
  readonly changing: readonly string[]
}): readonly Run[] {
  const runs: { cells: Cell[]; changes: boolean; shown: string }[] = []
  for (const name of fields.names) {
    const changes = fields.changing.includes(name)
    const last = runs.at(-1)
    const cell = { name, value: undefined, shown: '' }
    if (last && !last.changes && !changes) last.cells.push(cell)
    else runs.push({ cells: [cell], changes, shown: '' })
  }
  return runs
}
