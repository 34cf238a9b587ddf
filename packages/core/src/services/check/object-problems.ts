/** Objects and uploads of the store that no record names. */
import type { Gathered } from './gathered.ts'
import type { Problem } from './problem.ts'

/** `lost`: something is missing for good, and an object that nobody names may be all that is left of it. */
export function* objectProblems(gathered: Gathered, lost: boolean): Generator<Problem> {
  const { objects, storeUploads, work } = gathered
  const named = namedObjects(gathered)
  for (const [key, size] of objects) {
    if (named.has(key)) continue
    const kept = lost ? ', kept while something else is missing' : ''
    yield {
      kind: 'object-unknown',
      where: `object ${key}`,
      detail: `no record names it (${size} bytes)${kept}`,
      ...(lost ? {} : { repair: { object: key } }),
    }
  }
  const uploads = new Set([...work.objects, ...work.bodies])
  for (const repository of gathered.repositories.values()) {
    for (const key of repository.uploads.values()) uploads.add(key)
  }
  for (const { state, key } of storeUploads) {
    if (uploads.has(key)) continue
    yield {
      kind: 'upload-unknown',
      where: `upload to ${key}`,
      detail: 'no record names it',
      repair: { upload: state },
    }
  }
}

function namedObjects({ blobs, repositories, work }: Gathered): ReadonlySet<string> {
  const named = new Set([...work.objects, ...work.bodies])
  for (const { record } of blobs.values()) if (record) named.add(record.key)
  for (const { links, manifests, uploads } of repositories.values()) {
    for (const { key } of links.values()) if (key !== undefined) named.add(key)
    for (const { bodyKey } of manifests.values()) if (bodyKey !== undefined) named.add(bodyKey)
    for (const key of uploads.values()) named.add(key)
  }
  return named
}
