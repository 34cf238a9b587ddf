import { HttpUpstreamDialer } from '@sluice/adapters/upstream/http-upstream-dialer'
import { StorageError } from '@sluice/core/ports/storage-error'
import type { Table } from '@sluice/core/ports/table'
import { createRegistry } from '@sluice/core/registry'
import { parseRepositoryName } from '@sluice/core/repository-name'
import { expect, it } from 'vitest'
import { makeImage, putImage } from '../../upstream/upstream-content.ts'
import { describeDoors } from '../describe-doors.ts'
import { CachedUpstream, noise } from './cached-upstream.ts'

const MINUTE = 60_000
const LATEST = { tag: 'latest' as never }

/** Reads as before, and has no room for anything more. */
const full = (table: Table): Table => ({
  get: (key) => table.get(key),
  getMany: (keys) => table.getMany(keys),
  query: (pk, options) => table.query(pk, options),
  scan: (page) => table.scan(page),
  transact: async () => {
    throw new StorageError('full', 'no space left', undefined)
  },
})

describeDoors('a cache whose disk is full', (door) => {
  const cached = new CachedUpstream(door)

  it('serves what it has, fresh or stale, though it can note nothing', async () => {
    const project = await cached.cache({ tagAges: [{ pattern: '*', seconds: 86_400 }] })
    const { repository, image } = await cached.image()
    expect((await door.get(`/v2/${project}/${repository}/manifests/latest`)).status).toBe(200)
    await putImage(cached.upstream.content, repository, 'latest', makeImage([noise(10)]))
    const { table, store, clock } = door.served.temporary
    const dialer = () =>
      new HttpUpstreamDialer({
        secrets: { read: async () => undefined },
        tokens: { take: async () => '', forget: async () => undefined },
        clock,
        onProblem: () => undefined,
      })
    const upstreams = { dialer, pseudonym: 'sluice-0123456789abcdef' }
    const registry = createRegistry({ table: full(table), store, clock, upstreams })
    const name = parseRepositoryName(`${project}/${repository}`)
    // Long enough ago that a pull would be noted.
    door.clock.advance(120 * MINUTE)
    const fresh = await registry.pulls.manifest(name, LATEST)
    expect(fresh).toMatchObject({ digest: image.digest })
    expect(fresh.stale).toBeUndefined()
    door.clock.advance(1440 * MINUTE)
    expect(await registry.pulls.manifest(name, LATEST)).toMatchObject({
      digest: image.digest,
      stale: { age: 93_600 },
    })
  })
})
