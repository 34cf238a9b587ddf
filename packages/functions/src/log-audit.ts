/** A line of audit, whatever the level of the log: CloudWatch Logs reads it field by field. */

/** JavaScript's line ends that JSON lets stand in a text: one line stays one line to every reader. */
const LINE_ENDS = /[\u2028\u2029]/g

export function logAudit(
  msg: string,
  fields: Readonly<Record<string, unknown>>,
  write: (line: string) => void = (line) => void process.stdout.write(line),
): void {
  const line = JSON.stringify({ time: new Date().toISOString(), level: 'info', msg, ...fields })
  write(`${line.replace(LINE_ENDS, (end) => `\\u${end.charCodeAt(0).toString(16)}`)}\n`)
}
