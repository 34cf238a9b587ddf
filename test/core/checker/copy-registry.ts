import { cp } from 'node:fs/promises'
import type { Table } from '@sluice/core/ports/table'
import { openTemporaryRegistry, type TemporaryRegistry } from '../../temporary-registry.ts'

/** The same records, the same objects, the same time, in a place of their own: what is done to one the other never sees. */
export async function copyRegistry(from: TemporaryRegistry): Promise<TemporaryRegistry> {
  const to = await openTemporaryRegistry()
  to.clock.set(from.clock.now())
  await cp(from.objects, to.objects, { recursive: true, preserveTimestamps: true })
  await copyRecords(from.table, to.table)
  return to
}

async function copyRecords(from: Table, to: Table): Promise<void> {
  for (let after: string | undefined; ;) {
    const page = await from.scan({ limit: 100, ...(after === undefined ? {} : { after }) })
    const puts = page.records.map(({ pk, sk, item }) => ({ put: { pk, sk }, item }))
    if (puts.length > 0) await to.transact(puts)
    if (page.next === undefined) return
    after = page.next
  }
}
