import type { Deadline } from '@sluice/functions/time-left'

/** As Lambda's context: so many milliseconds from now, less with every one that passes. */
export function deadlineIn(milliseconds: number): Deadline {
  const end = Date.now() + milliseconds
  return { getRemainingTimeInMillis: () => end - Date.now() }
}
