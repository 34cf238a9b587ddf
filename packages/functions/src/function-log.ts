/** A function's log, as CloudWatch Logs reads it field by field. */
import { LineLog } from '@sluice/adapters/log/line-log'
import type { Log, LogLevel } from '@sluice/core/ports/log'

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

/**
 * Lines on standard error, each at once: a function is frozen with its answer. `SLUICE_LOG_LEVEL` says from which level
 * on, `info` where it is absent; `SLUICE_LOG_FORMAT` may be `text`.
 */
export function functionLog(env: NodeJS.ProcessEnv = process.env, descriptor?: number): Log {
  const level = LEVELS.find((one) => one === env['SLUICE_LOG_LEVEL']) ?? 'info'
  const format = env['SLUICE_LOG_FORMAT'] === 'text' ? 'text' : 'json'
  return new LineLog({ level, format, gathers: false, ...(descriptor && { descriptor }) })
}
