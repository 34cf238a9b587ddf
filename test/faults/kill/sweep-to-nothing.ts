import type { Clock } from '@sluice/core/ports/clock'
import type { Table, TableRecord } from '@sluice/core/ports/table'
import { ask } from '../ask.ts'
import { openBeside } from '../open-beside.ts'

/** Longer than every grace and every life of a dead request's work. */
const TWO_DAYS = 2 * 86_400_000

/** What a registry keeps of its own parts, of projects and of repositories that are empty. */
const KEPT = /^(parts |cluster |projects |project#|subject#|catalog |repo#\S+ meta$)/

/** Deletes every manifest, waits as long as it takes by the clock, sweeps, and answers what is left and should not be. */
export async function sweepToNothing(dataDir: string): Promise<string[]> {
  let ahead = 0
  const clock: Clock = { now: () => Date.now() + ahead }
  const beside = await openBeside(dataDir, { clock })
  const { registry, table, store, door } = beside
  try {
    const left: string[] = []
    for await (const { pk, sk } of records(table)) {
      const [, repository] = pk.split('repo#')
      const [, digest] = sk.split('manifest#')
      if (repository === undefined || digest === undefined) continue
      const path = `/v2/${repository}/manifests/${digest}`
      const { status } = await ask(door, 'DELETE', path)
      if (status !== 202) left.push(`DELETE ${path}: ${status}`)
    }
    for (let sweeps = 1, looked = 1; looked > 0 && sweeps <= 5; sweeps++) {
      ahead += TWO_DAYS
      const swept = await registry.sweeper.sweep()
      looked = swept.looked
      left.push(...swept.errors.map((error) => `sweep: ${String(error)}`))
    }
    for await (const { pk, sk } of records(table)) {
      if (!KEPT.test(`${pk} ${sk}`)) left.push(`record ${pk} ${sk}`)
    }
    const { objects } = await store.list({ limit: 1000 })
    const own = objects.filter(({ key }) => /^(blobs|manifests)\//.test(key))
    left.push(...own.map(({ key }) => `object ${key}`))
    const uploads = await store.listUploads(clock.now())
    left.push(...uploads.map(({ key }) => `upload to ${key}`))
    return [...left, ...(await beside.fsck({ deep: true, pause: 0 }))]
  } finally {
    await beside.close()
  }
}

async function* records(table: Table): AsyncGenerator<TableRecord> {
  for (let after: string | undefined; ;) {
    const page = await table.scan({ limit: 1000, ...(after === undefined ? {} : { after }) })
    yield* page.records
    if (page.next === undefined) return
    after = page.next
  }
}
