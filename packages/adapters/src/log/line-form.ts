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

export class LineForm implements LogForm {
  readonly #message: string
  readonly #cells: readonly Cell[]
  readonly #parts: LineParts
  readonly #now: () => string
  readonly #put: (line: string) => void
  #time = ''
  #head = ''

  constructor(
    message: string,
    names: readonly string[],
    parts: LineParts,
    log: { readonly now: () => string; readonly put: (line: string) => void },
  ) {
    this.#message = message
    this.#cells = names.map((name) => ({ name, value: undefined, shown: '' }))
    this.#parts = parts
    this.#now = log.now
    this.#put = log.put
  }

  write(values: readonly LogValue[]): void {
    const cells = this.#cells
    let line = this.#headAt(this.#now())
    for (let at = 0; at < cells.length; at++) {
      const value = values[at]
      if (value === undefined) continue
      const cell = cells[at]!
      if (value !== cell.value) {
        cell.value = value
        cell.shown = this.#parts.field(cell.name, value)
      }
      line += cell.shown
    }
    this.#put(line + this.#parts.end)
  }

  #headAt(time: string): string {
    if (time !== this.#time) {
      this.#time = time
      this.#head = this.#parts.head(time, 'info', this.#message)
    }
    return this.#head
  }
}
