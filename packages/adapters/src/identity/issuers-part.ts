import type { Table } from '@sluice/core/ports/table'
import type { KnownPart } from '@sluice/core/services/registry-parts'
import { IssuerKeyRecords } from './issuer-key-records.ts'

/** Whose tokens are passwords: one works from when its keys were read, whoever read them. */
export function issuersPart(table: Table): KnownPart {
  const records = new IssuerKeyRecords(table)
  return {
    name: 'issuers',
    workedAt: async (issuer) => (await records.read(issuer))?.fetchedAt,
  }
}
