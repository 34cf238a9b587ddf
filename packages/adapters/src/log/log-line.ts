/** One line of log, as the registry of OpenShift writes it (logrus) or as JSON. */

import type { LogFields, LogLevel } from '@sluice/core/ports/log'

/** logrus's own set: a value of these characters alone needs no quotes. */
const PLAIN = /^[\w\-./@^+]+$/

/** What JSON lets stand and a terminal may obey or break a line at. */
// oxlint-disable-next-line eslint/no-control-regex
const UNSAFE = /[\u007f-\u009f\u2028\u2029]/g

const escaped = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Control characters never leave here as they are: no caller can forge a line or speak to the reader's terminal. */
const quoted = (text: string): string => JSON.stringify(text).replace(UNSAFE, escaped)

const value = (text: string): string => (PLAIN.test(text) ? text : quoted(text))

const FIELD_NAME = /[^\w.-]/g

export function textLine(
  time: string,
  level: LogLevel,
  message: string,
  fields: LogFields,
): string {
  // logrus calls this level so in full.
  const levelName = level === 'warn' ? 'warning' : level
  let line = `time="${time}" level=${levelName} msg=${value(message)}`
  for (const name of Object.keys(fields)) {
    const field = fields[name]
    if (field !== undefined)
      line += ` ${name.replace(FIELD_NAME, '_')}=${value(typeof field === 'object' ? JSON.stringify(field) : String(field))}`
  }
  return `${line}\n`
}

export function jsonLine(
  time: string,
  level: LogLevel,
  message: string,
  fields: LogFields,
): string {
  const levelName = level === 'warn' ? 'warning' : level
  const object = { time, level: levelName, msg: message, ...fields }
  return `${JSON.stringify(object).replace(UNSAFE, escaped)}\n`
}
