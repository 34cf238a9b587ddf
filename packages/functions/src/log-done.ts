/** What a function has done, as one line of JSON, as CloudWatch Logs reads it field by field. */

/** JavaScript's line ends that JSON lets stand in a text: one line stays one line to every reader. */
const LINE_ENDS = /[\u2028\u2029]/g

const RANKS: Readonly<Record<string, number>> = { debug: 0, info: 1, warn: 2, warning: 2, error: 3 }

/** `SLUICE_LOG_LEVEL` says from which level on lines are written; `info` where it is absent. */
export function logDone(
  level: 'info' | 'warning',
  msg: string,
  fields: Readonly<Record<string, unknown>>,
  write: (line: string) => void = (line) => void process.stdout.write(line),
): void {
  const least = RANKS[process.env['SLUICE_LOG_LEVEL'] ?? 'info'] ?? 1
  if ((RANKS[level] ?? 1) < least) return
  const line = JSON.stringify({ time: new Date().toISOString(), level, msg, ...fields })
  write(`${line.replace(LINE_ENDS, (end) => `\\u${end.charCodeAt(0).toString(16)}`)}\n`)
}
