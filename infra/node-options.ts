/**
 * Of Node in every door, function or container. V8's young generation would grow by 48 MB before the old garbage in it is
 * looked for; and its threads, one for each of four cores that no door has, would spend half as much processor time
 * again on what one does as soon.
 */
export const NODE_OPTIONS = '--max-semi-space-size=4 --v8-pool-size=1'
