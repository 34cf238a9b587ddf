import type { EngineName } from '../start-registry.ts'
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

const uploadedInstead = (name: string): Allowed => ({
  name,
  because:
    'a mount whose token does not name its source is answered by an upload (the spec allows it): the challenge would not pass the gateway',
})

/** By version. */
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

export function allowedFor(version: string, engine: EngineName): readonly Allowed[] {
  return [...(ALLOWED[version] ?? []), ...(ALLOWED_BY_ENGINE[engine][version] ?? [])]
}

const WITHOUT_CHALLENGE = [
  uploadedInstead('sha256 blobs/mount/blob-mount'),
  uploadedInstead('sha512 blobs/mount/blob-mount'),
]

const ALLOWED_BY_ENGINE: Readonly<
  Record<EngineName, Readonly<Record<string, readonly Allowed[]>>>
> = {
  laptop: {},
  cloud: {},
  'cloud-without-upload-door': { '1.1': WITHOUT_CHALLENGE, dev: WITHOUT_CHALLENGE },
}

/** Switches of the suite that an engine cannot have on: its variable, and why. */
export const SWITCHED_OFF: Readonly<Record<EngineName, readonly Allowed[]>> = {
  laptop: [],
  cloud: [digestHeader()],
  'cloud-without-upload-door': [digestHeader()],
}

function digestHeader(): Allowed {
  return {
    name: 'OCI_API_BLOBS_DIGEST_HEADER',
    because:
      'the redirect to S3 carries Docker-Content-Digest, the answer of S3 cannot, and the suite looks at the last answer alone',
  }
}

/** The shortfalls that are on no list, and the entries of the list that the suite no longer leaves out: both must be empty. */
export function judge(version: string, engine: EngineName, shortfalls: readonly Shortfall[]) {
  const allowed = allowedFor(version, engine)
  return {
    unexplained: shortfalls.filter(
      ({ name, status }) => status === 'failed' || !allowed.some((entry) => entry.name === name),
    ),
    stale: allowed.filter((entry) => !shortfalls.some(({ name }) => name === entry.name)),
  }
}
