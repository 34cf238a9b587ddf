/**
 * Where the registry says what it did. A log that cannot be written never stops anything. Whoever logs keeps secrets out:
 * no password, token, signature or key, in no message and no field.
 */

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Named as OpenShift's registry names them where it has the same (`http.request.method`). `undefined` is left out. */
export type LogFields = Readonly<Record<string, string | number | boolean | object | undefined>>

export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  /** Who did what; written whatever the level is. */
  audit(message: string, fields: LogFields): void
  /** `thrown`: told in the same line, with its causes. */
  error(message: string, fields?: LogFields, thrown?: unknown): void
}
