import type { Summary } from '../ports/metrics.ts'

/**
 * Tells the summary how many seconds it took from `began` (of `performance`) to the answer, whichever that is; and answers
 * it. `timed(summary, performance.now(), work())`: with each request, a closure would cost as much as the rest.
 */
export function timed<T>(
  summary: Summary,
  began: number,
  answer: Promise<T>,
  onFailure?: (error: unknown) => void,
): Promise<T> {
  const end = (): void => summary.observe((performance.now() - began) / 1000)
  // Beside the caller's own wait, which is then no longer than without.
  answer.then(end, (error: unknown) => {
    end()
    onFailure?.(error)
  })
  return answer
}
