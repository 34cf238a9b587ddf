import type { Shortfall } from './suite-result.ts'

/** What a version of the suite may leave out, and the sentence of the spec that lets it. Anything else that is not passed is a failure. */
export interface Allowed {
  readonly name: string
  readonly because: string
}

const sparse: Allowed = {
  name: 'data: Sparse Manifests',
  because:
    'a registry may refuse a manifest whose blobs are missing: the spec has MANIFEST_BLOB_UNKNOWN (code-5) for it, and Sluice promises it',
}

const notIn11 = (name: string, what: string): Allowed => ({
  name,
  because: `${what} came after 1.1 of the spec; version dev runs it`,
})

export const ALLOWED: Readonly<Record<string, readonly Allowed[]>> = {
  '1.1': [
    sparse,
    notIn11('sha256 blobs/post cancel/blob-post-cancel', 'the cancel of an upload'),
    notIn11('sha512 blobs/post cancel/blob-post-cancel', 'the cancel of an upload'),
    notIn11('api: Blob upload cancel', 'the cancel of an upload'),
    notIn11('api: Manifest put with tag params', '?tag= on a manifest'),
    notIn11('data: Tag Param', '?tag= on a manifest'),
    notIn11('data: Tag Param sha512', '?tag= on a manifest'),
  ],
  dev: [sparse],
}

/** The shortfalls that are on no list, and the entries of the list that the suite no longer leaves out: both must be empty. */
export function judge(version: string, shortfalls: readonly Shortfall[]) {
  const allowed = ALLOWED[version] ?? []
  return {
    unexplained: shortfalls.filter(
      ({ name, status }) => status === 'failed' || !allowed.some((entry) => entry.name === name),
    ),
    stale: allowed.filter((entry) => !shortfalls.some(({ name }) => name === entry.name)),
  }
}
