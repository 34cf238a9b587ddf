/** A repository that somebody filled with a million tags goes on working, page by page. */
import { manifestKey, tagKey, taggedKey } from '@sluice/core/records/keys'
import type { Write } from '@sluice/core/ports/table'
import type { Tag } from '@sluice/core/reference'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  openPushedRegistry,
  pushManifest,
  REPOSITORY,
  type PushedRegistry,
} from '../core/checker/pushed-registry.ts'

const TAGS = 1_000_000
/** Two records a tag, a hundred writes a transaction. */
const TAGS_IN_ONE = 50
const AT_ONCE = 400

const nameOf = (number: number): Tag => `t${String(number).padStart(7, '0')}` as Tag

let pushed: PushedRegistry

beforeAll(async () => {
  pushed = await openPushedRegistry()
  const { table, image } = pushed
  const updatedAt = 1
  for (let from = 0; from < TAGS; from += TAGS_IN_ONE * AT_ONCE) {
    const starts = Array.from({ length: AT_ONCE }, (_, at) => from + at * TAGS_IN_ONE)
    await Promise.all(
      starts.map((start) => {
        const tags = Array.from({ length: TAGS_IN_ONE }, (_, at) => nameOf(start + at))
        const writes = tags.flatMap((tag): Write[] => [
          { put: tagKey(REPOSITORY, tag), item: { digest: image, updatedAt } },
          { put: taggedKey(REPOSITORY, image, tag), item: {} },
        ])
        return table.transact(writes)
      }),
    )
  }
}, 300_000)
afterAll(async () => pushed?.close())

it('lists them in pages, each as long as asked and no longer than allowed', async () => {
  const { tags } = pushed.registry
  const middle = await tags.list(REPOSITORY, 100, nameOf(499_999))
  expect(middle.more).toBe(true)
  expect(middle.tags).toEqual(Array.from({ length: 100 }, (_, at) => nameOf(500_000 + at)))
  const end = await tags.list(REPOSITORY, 10_000, nameOf(TAGS - 3))
  expect(end.more).toBe(false)
  expect(end.tags.slice(0, 2)).toEqual([nameOf(TAGS - 2), nameOf(TAGS - 1)])
})

it('finds, moves and removes one among them', async () => {
  const { registry, image } = pushed
  const tag = nameOf(777_777)
  expect((await registry.manifests.find(REPOSITORY, { tag })).digest).toBe(image)
  const config = { mediaType: 'application/json', digest: pushed.layer, size: 5 }
  const other = await pushManifest(registry, REPOSITORY, { config, layers: [] }, [tag])
  expect((await registry.manifests.find(REPOSITORY, { tag })).digest).toBe(other.digest)
  await registry.tags.remove(REPOSITORY, tag)
  await expect(registry.manifests.find(REPOSITORY, { tag })).rejects.toThrow('manifest unknown')
})

it('removes them all with their manifest', async () => {
  const { registry, table, image } = pushed
  await registry.manifests.remove(REPOSITORY, image)
  expect(await table.get(manifestKey(REPOSITORY, image))).toBeUndefined()
  const left = await registry.tags.list(REPOSITORY, 10_000)
  expect(left.tags.filter((tag) => tag.startsWith('t'))).toEqual([])
}, 300_000)
