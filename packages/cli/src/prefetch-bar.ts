/** A bar on standard error of the bytes that have come; nothing at all where that is no terminal. */
import progress from 'cli-progress'

const MEGABYTE = 1_000_000

export class PrefetchBar {
  readonly #isTerminal = process.stderr.isTTY
  #bar: progress.SingleBar | undefined

  show({ total, here }: { readonly total: number; readonly here: number }): void {
    if (!this.#isTerminal || total === 0) return
    const most = Math.ceil(total / MEGABYTE)
    if (!this.#bar) {
      this.#bar = new progress.SingleBar({
        stream: process.stderr,
        clearOnComplete: true,
        format: '{bar} {percentage}% of {total} MB',
      })
      this.#bar.start(most, 0)
    }
    // What an image has is known when its manifests are here.
    this.#bar.setTotal(most)
    this.#bar.update(Math.floor(here / MEGABYTE))
  }

  end(): void {
    this.#bar?.stop()
  }
}
