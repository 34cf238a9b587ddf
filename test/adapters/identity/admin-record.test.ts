import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ensureAdminRecord } from '@sluice/adapters/identity/admin-record'
import { checkPassword } from '@sluice/adapters/identity/password-hash'
import { SqliteTable } from '@sluice/adapters/local/sqlite-table'

const clock = { now: () => 1_800_000_000_000 }

describe('ensureAdminRecord', () => {
  let directory: string
  let table: SqliteTable

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sluice-admin-'))
    table = await SqliteTable.open(join(directory, 'table.db'))
  })
  afterEach(async () => {
    await table.close()
    await rm(directory, { recursive: true })
  })

  it('generates a password once and keeps only its hash', async () => {
    const first = await ensureAdminRecord(table, clock)
    expect(await checkPassword(first.password ?? '', first.hash)).toBe(true)
    const second = await ensureAdminRecord(table, clock)
    expect(second.password).toBeUndefined()
    expect(await checkPassword(first.password ?? '', second.hash)).toBe(true)
    const item = await table.get({ pk: 'cluster', sk: 'admin#kubeadmin' })
    expect(item).toMatchObject({ algorithm: 'scrypt', cost: 2 ** 15, createdAt: clock.now() })
    expect(JSON.stringify(item)).not.toContain(first.password)
  })

  it('takes the password that was chosen, but never a second one', async () => {
    await ensureAdminRecord(table, clock, () => 'chosen')
    const { hash, password } = await ensureAdminRecord(table, clock, () => 'another')
    expect(password).toBeUndefined()
    expect(await checkPassword('chosen', hash)).toBe(true)
    expect(await checkPassword('another', hash)).toBe(false)
  })

  it('lets one of several starts at once make it', async () => {
    const all = await Promise.all(Array.from({ length: 4 }, () => ensureAdminRecord(table, clock)))
    const winners = all.filter(({ password }) => password !== undefined)
    expect(winners).toHaveLength(1)
    for (const { hash } of all) {
      expect(await checkPassword(winners[0]?.password ?? '', hash)).toBe(true)
    }
  })

  it('refuses a record that is no password hash', async () => {
    const put = { pk: 'cluster', sk: 'admin#kubeadmin' }
    await table.transact([{ put, item: { algorithm: 'plain', hash: 'secret' } }])
    await expect(ensureAdminRecord(table, clock)).rejects.toThrow('is not a password hash')
  })
})
