import type { PlainHeaders } from './respond.ts'

/**
 * Says that an answer is older than its age should allow, and why. Spec "Warnings": code 299, agent `-`, a quoted text.
 * RFC 9111 section 5.1: Age in seconds.
 */
export function staleHeaders({
  age,
  reason,
}: {
  readonly age: number
  readonly reason: string
}): PlainHeaders {
  const text = `served from the cache: ${reason}`.replace(/[^ !#-[\]-~]/g, ' ')
  return { Age: String(age), Warning: `299 - "${text}"` }
}
