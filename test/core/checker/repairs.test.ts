import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Digest } from '@sluice/core/digest'
import { blobKey, linkKey, manifestKey, tagKey } from '@sluice/core/records/keys'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openPushedRegistry, REPOSITORY, tag, type PushedRegistry } from './pushed-registry.ts'

const unknown = `sha256:${'0'.repeat(64)}` as Digest

describe('a repair', () => {
  let pushed: PushedRegistry
  beforeEach(async () => {
    pushed = await openPushedRegistry()
  })
  afterEach(() => pushed.close())

  const check = (options: { repair?: boolean } = {}) =>
    pushed.registry.checker.check({ deep: true, pause: 0, ...options })

  it('puts a link back, and then all that was wrong without it', async () => {
    const { table, layer } = pushed
    const before = await table.get(linkKey(REPOSITORY, layer))
    await table.transact([{ delete: linkKey(REPOSITORY, layer) }])
    const { problems } = await check({ repair: true })
    expect(problems).toEqual([])
    const after = await table.get(linkKey(REPOSITORY, layer))
    expect({ ...after, touchedAt: 0 }).toEqual({ ...before, touchedAt: 0 })
    expect(await table.get(blobKey(layer))).toMatchObject({ links: 2 })
  })

  it('never lowers the links of a blob below those that it will have', async () => {
    const { table, layer } = pushed
    const links: unknown[] = []
    const transact = table.transact.bind(table)
    await transact([{ delete: linkKey(REPOSITORY, layer) }])
    table.transact = async (writes) => {
      const outcome = await transact(writes)
      links.push((await table.get(blobKey(layer)))?.['links'])
      return outcome
    }
    await check({ repair: true })
    expect(Math.min(...links.map(Number))).toBe(2)
  })

  it('puts a blob record back that two repositories link', async () => {
    const { table, layer } = pushed
    const before = await table.get(blobKey(layer))
    await table.transact([{ delete: blobKey(layer) }])
    expect((await check()).problems).toHaveLength(2)
    expect((await check({ repair: true })).problems).toEqual([])
    expect(await table.get(blobKey(layer))).toEqual(before)
  })

  it('keeps an object that nobody names while something else is lost', async () => {
    const { table, store, layer, objects } = pushed
    const blob = await table.get(blobKey(layer))
    const bytes = (async function* () {
      yield Buffer.from('perhaps all that is left')
    })()
    await store.write('blobs/ff/strange', bytes)
    await rm(join(objects, blob?.['key'] as string))
    const { problems, repaired } = await check({ repair: true })
    expect(repaired).toEqual([])
    expect(problems.map(({ kind }) => kind).toSorted()).toEqual([
      'object-missing',
      'object-unknown',
    ])
    expect(await store.stat('blobs/ff/strange')).toBeDefined()
  })

  it('leaves alone what lies in the store and is none of its objects', async () => {
    const bytes = (async function* () {
      yield Buffer.from('1')
    })()
    await pushed.store.write('version', bytes)
    expect((await check({ repair: true })).problems).toEqual([])
    expect(await pushed.store.stat('version')).toBeDefined()
  })

  it('tells nothing that the second look does not find', async () => {
    const { table } = pushed
    const lost = tagKey(REPOSITORY, tag('lost'))
    await table.transact([{ put: lost, item: { digest: unknown, updatedAt: 1 } }])
    const scan = table.scan.bind(table)
    let walks = 0
    table.scan = async (page) => {
      if (page.after === undefined && ++walks === 2) await table.transact([{ delete: lost }])
      return scan(page)
    }
    expect((await check()).problems).toEqual([])
    expect(walks).toBe(2)
  })

  it('does nothing where the record is not what was seen, and looks again', async () => {
    const { table, layer } = pushed
    const link = linkKey(REPOSITORY, layer)
    await table.transact([{ update: link, set: { refs: 7 } }])
    const transact = table.transact.bind(table)
    let raced = false
    table.transact = async (writes) => {
      if (!raced) await transact([{ update: link, set: { refs: 9 } }])
      raced = true
      return transact(writes)
    }
    const { problems, repaired } = await check({ repair: true })
    expect(problems).toEqual([])
    expect(repaired.map(({ detail }) => detail)).toEqual([
      'the link counts 9 references, and there are 2',
    ])
  })

  it('tells of every manifest that a missing body costs', async () => {
    const { table, large, objects } = pushed
    const item = await table.get(manifestKey(REPOSITORY, large))
    await rm(join(objects, item?.['bodyKey'] as string))
    const { problems } = await check({ repair: true })
    expect(problems).toMatchObject([{ kind: 'object-missing' }])
    await pushed.registry.manifests.remove(REPOSITORY, large)
    expect((await check()).problems).toEqual([])
  })
})
