/** The referrer rows of a repository, against the manifests that have a subject. */
import type { Digest } from '../../digest.ts'
import type { Write } from '../../ports/table.ts'
import { manifestKey, referrerKey } from '../../records/keys.ts'
import { divide } from './gather-repository-record.ts'
import type { GatheredRepository } from './gathered.ts'
import type { Problem } from './problem.ts'

export function* referrerProblems({
  name,
  manifests,
  referrers,
}: GatheredRepository): Generator<Problem> {
  for (const row of referrers.keys()) {
    const [subject, digest] = divide(row) as [Digest, Digest]
    const manifest = manifests.get(digest)
    if (manifest?.subject === subject) continue
    const transaction: Write[] = [
      { delete: referrerKey(name, subject, digest) },
      {
        check: manifestKey(name, digest),
        when: manifest ? { equals: { version: manifest.version } } : 'absent',
      },
    ]
    yield {
      kind: 'referrer-unknown',
      where: `${name} referrer ${digest} of ${subject}`,
      detail: manifest ? 'the manifest has another subject' : 'there is no such manifest',
      repair: { transactions: [transaction] },
    }
  }
  for (const [digest, { subject, facts }] of manifests) {
    if (subject === undefined) continue
    const row = referrers.get(`${subject}#${digest}`)
    const isWrong = facts?.referrer !== undefined && row !== facts.referrer
    if (row !== undefined && !isWrong) continue
    yield {
      kind: row === undefined ? 'referrer-missing' : 'referrer-wrong',
      where: `${name} referrer ${digest} of ${subject}`,
      detail:
        row === undefined
          ? 'the manifest is not in the list of its subject'
          : 'the list of its subject describes the manifest wrongly',
      repair: { referrer: { repository: name, subject, digest } },
    }
  }
}
