import type { Log } from '../ports/log.ts'
import type { Audit } from './activities.ts'
import { auditLine } from './audit-line.ts'

/** What is written down: nothing, what changes something and refused logins, or pulls as well. */
export const AUDIT_LEVELS = ['off', 'changes', 'all'] as const
export type AuditLevel = (typeof AUDIT_LEVELS)[number]

/** The log escapes what could forge a line. */
export function auditTo(level: AuditLevel, log: Pick<Log, 'audit'>): Audit | undefined {
  if (level === 'off') return undefined
  return {
    pulls: level === 'all',
    write: (activity) => {
      const { message, fields } = auditLine(activity)
      log.audit(message, fields)
    },
  }
}
