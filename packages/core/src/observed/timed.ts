import type { Summary } from '../ports/metrics.ts'

/** Tells the summary how many seconds the work took, however it ends. */
export function timed<T>(
  summary: Summary,
  work: () => Promise<T>,
  onFailure?: (error: unknown) => void,
): Promise<T> {
  const began = performance.now()
  const end = (): void => summary.observe((performance.now() - began) / 1000)
  const answer = work()
  // Beside the caller's own wait, which is then no longer than without.
  answer.then(end, (error: unknown) => {
    end()
    onFailure?.(error)
  })
  return answer
}
