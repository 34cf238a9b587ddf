/**
 * Where the registry says what it did. A log that cannot be written never stops anything. Whoever logs keeps secrets out:
 * no password, token, signature or key, in no message and no field.
 */

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Named as OpenShift's registry names them where it has the same (`http.request.method`). `undefined` is left out. */
export type LogFields = Readonly<Record<string, string | number | boolean | object | undefined>>

/** Of a field of a line that is written again and again. */
export type LogValue = string | number | undefined

/** Lines of level `info` that all have the same message, and values for the same fields, in their order. */
export interface LogForm {
  write(values: readonly LogValue[]): void
}

export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  /** Who did what; written whatever the level is. */
  audit(message: string, fields: LogFields): void
  /** `thrown`: told in the same line, with its causes. */
  error(message: string, fields?: LogFields, thrown?: unknown): void
  /**
   * For what is told with each request: whoever asks once and keeps it writes the same lines as with `info`, for less.
   * `changing`: the fields that are hardly ever the same twice.
   */
  form(message: string, names: readonly string[], changing: readonly string[]): LogForm
}
