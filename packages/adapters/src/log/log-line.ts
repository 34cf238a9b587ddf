/** One line of log, as the registry of OpenShift writes it (logrus) or as JSON. Written with each request: each step counts. */
import type { LogFields, LogLevel } from '@sluice/core/ports/log'

/** logrus's own set: a value of these characters alone needs no quotes. */
const PLAIN = /^[\w\-./@^+]+$/

/** What JSON escapes, lets stand and a terminal may obey, or cannot encode. */
// oxlint-disable-next-line eslint/no-control-regex
const ESCAPED = /["\\\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]/

/** What JSON lets stand and a terminal may obey or break a line at. */
// oxlint-disable-next-line eslint/no-control-regex
const UNSAFE = /[\u007f-\u009f\u2028\u2029]/g

const escaped = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Control characters never leave here as they are: no caller can forge a line or speak to the reader's terminal. */
const quoted = (text: string): string =>
  ESCAPED.test(text) ? JSON.stringify(text).replace(UNSAFE, escaped) : `"${text}"`

const value = (text: string): string => (PLAIN.test(text) ? text : quoted(text))

const FIELD_NAME = /[^\w.-]/g

/** There are few: all are in the program's text. */
const names = new Map<string, string>()

function shownName(name: string): string {
  let shown = names.get(name)
  if (shown === undefined) {
    shown = name.replace(FIELD_NAME, '_')
    names.set(name, shown)
  }
  return shown
}

function shownValue(field: NonNullable<LogFields[string]>): string {
  if (typeof field === 'string') return value(field)
  if (typeof field === 'number' && Number.isInteger(field)) return `${field}`
  return value(typeof field === 'object' ? JSON.stringify(field) : String(field))
}

/** logrus calls this one so in full. */
const levelName = (level: LogLevel): string => (level === 'warn' ? 'warning' : level)

const json = (content: unknown): string => JSON.stringify(content).replace(UNSAFE, escaped)

export function textLine(
  time: string,
  level: LogLevel,
  message: string,
  fields: LogFields,
): string {
  let line = TEXT_PARTS.head(time, level, message)
  for (const name in fields) {
    const field = fields[name]
    if (field !== undefined) line += TEXT_PARTS.field(name, field)
  }
  return line + TEXT_PARTS.end
}

export function jsonLine(
  time: string,
  level: LogLevel,
  message: string,
  fields: LogFields,
): string {
  return `${json({ time, level: levelName(level), msg: message, ...fields })}\n`
}

/** A line put together from its parts, for whoever keeps those that repeat. */
export interface LineParts {
  head(time: string, level: LogLevel, message: string): string
  field(name: string, field: NonNullable<LogFields[string]>): string
  readonly end: string
}

export const TEXT_PARTS: LineParts = {
  head: (time, level, message) => `time="${time}" level=${levelName(level)} msg=${value(message)}`,
  field: (name, field) => ` ${shownName(name)}=${shownValue(field)}`,
  end: '\n',
}

export const JSON_PARTS: LineParts = {
  head: (time, level, message) =>
    json({ time, level: levelName(level), msg: message }).slice(0, -1),
  field: (name, field) => `,${json(name)}:${json(field)}`,
  end: '}\n',
}
