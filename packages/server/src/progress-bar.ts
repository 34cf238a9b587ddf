/** A bar on standard error that follows one step after another; nothing at all where that is no terminal. */
import progress from 'cli-progress'

const MEGABYTE = 1_000_000

export interface BarProgress {
  readonly step: string
  readonly done: number
  readonly total?: number | undefined
}

export class ProgressBar {
  readonly #isTerminal = process.stderr.isTTY
  #bar: progress.SingleBar | undefined
  #step = ''

  show({ step, done, total }: BarProgress): void {
    if (!this.#isTerminal) return
    const [value, most] =
      step === 'bytes' ? [done / MEGABYTE, (total ?? 0) / MEGABYTE] : [done, total]
    if (step !== this.#step || this.#bar === undefined) {
      this.end()
      this.#step = step
      this.#bar = new progress.SingleBar({
        stream: process.stderr,
        clearOnComplete: true,
        format: formatOf(step, total !== undefined),
        // It is a word where nothing has moved yet.
        formatTime: (left, ...rest) =>
          left >= 0 ? progress.Format.TimeFormat(left, ...rest) : '?',
      })
      this.#bar.start(Math.ceil(most ?? done), 0)
    }
    this.#bar.update(Math.floor(value))
  }

  end(): void {
    this.#bar?.stop()
    this.#bar = undefined
  }
}

function formatOf(step: string, isKnown: boolean): string {
  const unit = step === 'bytes' ? 'MB' : step
  return isKnown
    ? `{bar} {percentage}% of {total} ${unit}, {eta_formatted} left`
    : `{value} ${unit}`
}
