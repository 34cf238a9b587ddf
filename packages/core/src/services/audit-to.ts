import type { Audit } from './activities.ts'
import { auditLine } from './audit-line.ts'

/** What is written down: nothing, what changes something and refused logins, or pulls as well. */
export const AUDIT_LEVELS = ['off', 'changes', 'all'] as const
export type AuditLevel = (typeof AUDIT_LEVELS)[number]

type Line = ReturnType<typeof auditLine>

/** `write` is a log's, which escapes what could forge a line. */
export function auditTo(
  level: AuditLevel,
  write: (message: Line['message'], fields: Line['fields']) => void,
): Audit | undefined {
  if (level === 'off') return undefined
  return {
    pulls: level === 'all',
    write: (activity) => {
      const { message, fields } = auditLine(activity)
      write(message, fields)
    },
  }
}
