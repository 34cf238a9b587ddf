import { X509Certificate } from 'node:crypto'
import { invalidValue } from './invalid-value.ts'
import type { FieldProblem } from './object-error.ts'

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** What is wrong with the authorities of a setting; they are not repeated. Without them TLS would fail when it is needed. */
export function certificatesProblems(
  field: string,
  pem: string | undefined,
): readonly FieldProblem[] {
  if (pem === undefined) return []
  const certificates = pem.match(CERTIFICATE) ?? []
  try {
    for (const certificate of certificates) void new X509Certificate(certificate)
    if (certificates.length > 0) return []
  } catch {
    // It is told below.
  }
  return [invalidValue(field, '...', 'must be certificates in PEM form')]
}
