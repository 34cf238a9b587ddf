import type { Stale } from '@sluice/core/services/stale'
import type { PlainHeaders } from './respond.ts'

/**
 * Says that an answer is older than its age should allow, and why. Spec "Warnings": code 299, agent `-`, a quoted text.
 * RFC 9111 section 5.1: Age in seconds.
 */
export function staleHeaders({ age, reason }: Stale): PlainHeaders {
  const text = `served from the cache: ${reason}`.replace(/[^ !#-[\]-~]/g, ' ')
  const warning = { Warning: `299 - "${text}"` }
  return age === undefined ? warning : { Age: String(age), ...warning }
}
