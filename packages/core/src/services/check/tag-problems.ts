/** The tags of a repository. A tagged row without its tag is stale, which is no problem. */
import type { Write } from '../../ports/table.ts'
import { manifestKey, tagKey, taggedKey } from '../../records/keys.ts'
import type { GatheredRepository } from './gathered.ts'
import type { Problem } from './problem.ts'

export function* tagProblems({ name, manifests, tags }: GatheredRepository): Generator<Problem> {
  for (const [tag, { digest, rows }] of tags) {
    if (digest === undefined) continue
    const where = `${name} tag ${tag}`
    const when = { equals: { digest } }
    if (!manifests.has(digest)) {
      const transaction: Write[] = [
        { delete: tagKey(name, tag), when },
        { delete: taggedKey(name, digest, tag) },
        { check: manifestKey(name, digest), when: 'absent' },
      ]
      yield {
        kind: 'tag-dangling',
        where,
        detail: `it names ${digest}, and there is no such manifest`,
        repair: { transactions: [transaction] },
      }
    } else if (!rows.includes(digest)) {
      const transaction: Write[] = [
        { check: tagKey(name, tag), when },
        { put: taggedKey(name, digest, tag), item: {} },
        // As for every tag that is put on it: a delete under way must look again.
        { update: manifestKey(name, digest), add: { version: 1 }, when: 'present' },
      ]
      yield {
        kind: 'tagged-missing',
        where,
        detail: `it has no tagged row beside ${digest}`,
        repair: { transactions: [transaction] },
      }
    }
  }
}
