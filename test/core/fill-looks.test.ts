/** Two processes that want one blob: however their looks fall, one of them fetches it. */
import { HttpUpstreamDialer } from '@sluice/adapters/upstream/http-upstream-dialer'
import { UPSTREAM_DEFAULTS } from '@sluice/core/upstream/upstream-presets'
import type { Table } from '@sluice/core/ports/table'
import type { RepositoryName } from '@sluice/core/repository-name'
import { createRegistry, type Registry } from '@sluice/core/registry'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openTemporaryRegistry, type TemporaryRegistry } from '../temporary-registry.ts'
import {
  startScriptedUpstream,
  type ScriptedUpstream,
} from '../upstream/start-scripted-upstream.ts'
import { digestOfBytes, makeImage, putImage } from '../upstream/upstream-content.ts'

const NAME = 'up.example'
const REPOSITORY = `${NAME}/org/app` as RepositoryName
const LAYER = Buffer.alloc(100_000, 'layer')
const OWNER = { user: 'system:admin', groups: ['system:masters'] }

let upstream: ScriptedUpstream
let temporary: TemporaryRegistry
beforeEach(async () => {
  upstream = await startScriptedUpstream()
  await putImage(upstream.content, 'org/app', 'v1', makeImage([LAYER]))
  temporary = await openTemporaryRegistry()
})
afterEach(async () => {
  await upstream.close()
  await temporary.close()
})

function registryOver(table: Table): Registry {
  const { store, clock } = temporary
  return createRegistry({
    table,
    store,
    clock,
    upstreams: {
      dialer: (tokens) =>
        new HttpUpstreamDialer({
          secrets: { read: async () => undefined },
          tokens,
          clock,
          onProblem: () => undefined,
        }),
    },
  })
}

async function read(registry: Registry): Promise<Buffer> {
  const digest = digestOfBytes(LAYER)
  const blob = await registry.pulls.blob(REPOSITORY, digest, { keep: false })
  const bytes = await blob.read('GET', undefined)
  if ('url' in bytes) throw new Error('nothing here redirects')
  const pieces: Uint8Array[] = []
  for await (const piece of bytes.source) pieces.push(piece.slice())
  return Buffer.concat(pieces)
}

it('one looks whether it is here before, and whether somebody is at it after it came', async () => {
  const first = registryOver(temporary.table)
  const content = {
    ...UPSTREAM_DEFAULTS,
    urls: [upstream.url],
    insecure: true,
    privateAddresses: true,
  }
  await first.upstreams.create(OWNER, undefined, { name: NAME, content })
  await first.pulls.manifest(REPOSITORY, { tag: 'v1' as never })

  const brought = Promise.withResolvers<void>()
  const asksForFill = Promise.withResolvers<void>()
  const late: Table = {
    get: async (key) => {
      if (key.pk.startsWith('fill#')) {
        asksForFill.resolve()
        await brought.promise
      }
      return temporary.table.get(key)
    },
    getMany: (keys) => temporary.table.getMany(keys),
    query: (pk, query) => temporary.table.query(pk, query),
    scan: (page) => temporary.table.scan(page),
    transact: (writes) => temporary.table.transact(writes),
  }
  const second = read(registryOver(late))
  await asksForFill.promise
  expect(await read(first)).toEqual(LAYER)
  brought.resolve()
  expect(await second).toEqual(LAYER)
  expect(upstream.count('blob-get')).toBe(1)
  const { problems } = await first.checker.check({ pause: 0 })
  expect(problems).toEqual([])
})
