/** What a cache holds is an upstream's doing: however much it hangs on one image, evictions go on. */
import { createHash } from 'node:crypto'
import type { Digest } from '@sluice/core/digest'
import { OCI_MANIFEST } from '@sluice/core/media-type'
import { manifestKey } from '@sluice/core/records/keys'
import { imageTrees } from '@sluice/core/services/image-trees'
import { expect, it } from 'vitest'
import { openTemporaryRegistry } from '../temporary-registry.ts'
import { PROJECT, REPOSITORY } from './checker/pushed-registry.ts'

/** More than a call takes arguments. */
const REFERRERS = 140_000

const digestOf = (text: string): Digest =>
  `sha256:${createHash('sha256').update(text).digest('hex')}` as Digest

it('an image of very many referrers is one tree, as old as what was pulled last', async () => {
  const opened = await openTemporaryRegistry()
  const { registry, table } = opened
  await registry.projects.create(PROJECT)
  const subject = digestOf('subject')
  const put = (digest: Digest, pulledAt: number, ofSubject: boolean) => ({
    put: manifestKey(REPOSITORY, digest),
    item: {
      mediaType: OCI_MANIFEST,
      size: 2,
      refs: [],
      version: 1,
      createdAt: 0,
      pulledAt,
      ...(ofSubject && { subject }),
    },
  })
  const writes = [put(subject, 1, false)]
  for (let n = 0; n < REFERRERS; n++) {
    writes.push(put(digestOf(String(n)), n === 7 ? 1000 : 2, true))
  }
  for (let at = 0; at < writes.length; at += 10_000) {
    const batches = []
    for (let from = at; from < Math.min(at + 10_000, writes.length); from += 100) {
      batches.push(table.transact(writes.slice(from, from + 100)))
    }
    await Promise.all(batches)
  }
  const trees = await imageTrees(table, registry.manifests, REPOSITORY)
  expect(trees.map(({ pulledAt, members }) => [pulledAt, members.length])).toEqual([
    [1000, REFERRERS + 1],
  ])
  expect(trees[0]?.members[0]?.digest).toBe(subject)
  await opened.close()
}, 60_000)
