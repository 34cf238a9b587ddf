import type { Table } from '@sluice/core/ports/table'

/** What a failed request may leave: who tried last and when, and work for the sweeper to look at. */
const TRACES = new Set(['version', 'touchedAt', 'claimedUntil', 'claimedBy'])

/** All records, in their order, but for such traces: two that are equal say that nothing has changed. */
export async function tableSnapshot(table: Table): Promise<readonly string[]> {
  const lines: string[] = []
  for (let after: string | undefined; ;) {
    const page = await table.scan({ limit: 1000, ...(after === undefined ? {} : { after }) })
    for (const { pk, sk, item } of page.records) {
      if (pk.startsWith('sweep#')) continue
      const attributes = Object.entries(item).filter(([name]) => !TRACES.has(name))
      lines.push(JSON.stringify([pk, sk, Object.fromEntries(attributes)]))
    }
    if (page.next === undefined) return lines.toSorted()
    after = page.next
  }
}
