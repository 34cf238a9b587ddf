/** A failure as one line of JSON, as CloudWatch Logs reads it field by field. */

/**
 * Writes what was thrown, causes included, to standard error. Of the request only method and path: no header and no
 * query ever reaches a log.
 */
export function logFailure(
  thrown: unknown,
  fields: Readonly<Record<string, string>>,
  write: (line: string) => void = (line) => void process.stderr.write(line),
): void {
  const line = {
    time: new Date().toISOString(),
    level: 'error',
    msg: 'a request failed',
    ...fields,
  }
  write(`${JSON.stringify({ ...line, error: describe(thrown) })}\n`)
}

function describe(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown)
  const text = thrown.stack ?? String(thrown)
  return thrown.cause === undefined ? text : `${text}\ncaused by: ${describe(thrown.cause)}`
}
