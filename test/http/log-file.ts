import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LineLog } from '@sluice/adapters/log/line-log'
import type { Log, LogLevel } from '@sluice/core/ports/log'

export type LoggedLine = Readonly<Record<string, unknown>> & { readonly msg: string }

/** A log as doors have it, written to a file of its own, line by line. */
export interface LogFile {
  readonly log: Log
  text(): string
  lines(): readonly LoggedLine[]
  close(): void
}

export function openLogFile(level: LogLevel = 'debug'): LogFile {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-log-'))
  const file = join(directory, 'log')
  const descriptor = openSync(file, 'a')
  const text = (): string => readFileSync(file, 'utf8')
  return {
    log: new LineLog({ level, format: 'json', descriptor, gathers: false }),
    text,
    lines: () =>
      text()
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as LoggedLine),
    close: () => {
      closeSync(descriptor)
      rmSync(directory, { recursive: true })
    },
  }
}
