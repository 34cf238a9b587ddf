/** A manifest as the registry understands it: what it refers to, and what a referrers list says of it. */
import { parseDigest, type Digest } from './digest.ts'
import { RegistryError } from './errors.ts'
import { isDeeperThan } from './is-deeper-than.ts'
import { isForeignLayer, isImage, isIndex, isMediaType, isSchema1 } from './media-type.ts'

/** Spec "Pushing Manifests": registries should accept 4 MiB; this one accepts no more. */
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024
/** Different blobs and manifests that one manifest may name; an image has at most a few hundred. */
export const MAX_MANIFEST_REFERENCES = 4000
/** Of all digests of blobs together, in characters: they have to fit into one record. */
const MAX_DIGEST_CHARACTERS = 300_000
/** A media type has at most twice 127 characters and a slash (RFC 6838). */
const MAX_ARTIFACT_TYPE = 255
/** Deeper JSON is nobody's manifest. */
export const MAX_MANIFEST_DEPTH = 64

export interface Reference {
  readonly digest: Digest
  readonly size: number
}

export interface Manifest {
  readonly mediaType: string
  /** Config, layers and other blobs that must be in the repository; each once. */
  readonly blobs: readonly Reference[]
  /** Manifests that an index names; each once. */
  readonly manifests: readonly Reference[]
  readonly subject: Digest | undefined
  readonly artifactType: string | undefined
  readonly annotations: { readonly [name: string]: string } | undefined
}

type Json = { readonly [name: string]: unknown }

const refuse = (detail: string): RegistryError => new RegistryError('MANIFEST_INVALID', detail)
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `contentType` is the request's, without parameters; empty when the client sent none. */
export function parseManifest(bytes: Uint8Array, contentType: string): Manifest {
  if (bytes.byteLength > MAX_MANIFEST_BYTES)
    throw refuse(`a manifest has at most ${MAX_MANIFEST_BYTES} bytes`)
  const json = parseJson(bytes)
  const mediaType = mediaTypeOf(json, contentType)
  if (json.schemaVersion === 1 || isSchema1(mediaType)) {
    throw refuse('Docker image manifest version 2, schema 1 is not supported: push schema 2 or OCI')
  }
  if ((isImage(mediaType) || isIndex(mediaType)) && json.schemaVersion !== 2) {
    throw refuse('schemaVersion must be 2')
  }
  if (isImage(mediaType) && (!isObject(json.config) || 'manifests' in json)) {
    throw refuse('an image manifest has a config and no manifests')
  }
  if (isIndex(mediaType) && (!('manifests' in json) || 'layers' in json || 'config' in json)) {
    throw refuse('an index has manifests and neither config nor layers')
  }
  const config = json.config === undefined ? [] : [descriptor(json.config, 'config')]
  const blobs = [...config, ...descriptors(json, 'layers'), ...descriptors(json, 'blobs')]
  const manifests = descriptors(json, 'manifests')
  if (blobs.length + manifests.length > MAX_MANIFEST_REFERENCES) {
    throw refuse(`a manifest refers to at most ${MAX_MANIFEST_REFERENCES} blobs and manifests`)
  }
  const named = once(blobs.filter((blob) => !blob.foreign))
  if (named.reduce((sum, { digest }) => sum + digest.length, 0) > MAX_DIGEST_CHARACTERS) {
    throw refuse(`the digests of all blobs have at most ${MAX_DIGEST_CHARACTERS} characters`)
  }
  return {
    mediaType,
    blobs: named,
    manifests: once(manifests),
    subject: json.subject === undefined ? undefined : descriptor(json.subject, 'subject').digest,
    artifactType: artifactTypeOf(json, mediaType),
    annotations: annotationsOf(json),
  }
}

function parseJson(bytes: Uint8Array): Json {
  if (isDeeperThan(bytes, MAX_MANIFEST_DEPTH))
    throw refuse(`JSON deeper than ${MAX_MANIFEST_DEPTH} levels`)
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch (cause) {
    throw new RegistryError('MANIFEST_INVALID', 'the manifest is not JSON', { cause })
  }
  if (!isObject(json)) throw refuse('the manifest is not a JSON object')
  return json
}

function mediaTypeOf(json: Json, contentType: string): string {
  const own = json.mediaType
  if (own !== undefined && (typeof own !== 'string' || !isMediaType(own))) {
    throw refuse('mediaType is not a media type')
  }
  const mediaType = contentType || own || ''
  if (!isMediaType(mediaType)) {
    throw refuse('send the media type of the manifest in Content-Type')
  }
  if (own !== undefined && own !== mediaType) {
    throw refuse(`Content-Type and the mediaType field differ: ${mediaType}, ${own}`)
  }
  return mediaType
}

interface Named extends Reference {
  readonly foreign: boolean
}

function descriptor(value: unknown, where: string): Named {
  if (!isObject(value)) throw refuse(`${where} is not a descriptor`)
  const { digest, size, mediaType } = value
  if (typeof digest !== 'string') throw refuse(`${where} has no digest`)
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw refuse(`${where} has no size in bytes`)
  }
  const foreign = typeof mediaType === 'string' && isForeignLayer(mediaType)
  try {
    return { digest: parseDigest(digest), size, foreign }
  } catch (cause) {
    const detail = cause instanceof RegistryError ? String(cause.details[0]) : ''
    throw new RegistryError('MANIFEST_INVALID', `${where}: ${detail}`, { cause })
  }
}

function descriptors(json: Json, field: string): readonly Named[] {
  const list = json[field]
  if (list === undefined || list === null) return []
  if (!Array.isArray(list)) throw refuse(`${field} is not a list`)
  return list.map((entry, at) => descriptor(entry, `${field}[${at}]`))
}

function once(named: readonly Named[]): readonly Reference[] {
  const byDigest = new Map<Digest, Reference>()
  for (const { digest, size } of named) {
    const known = byDigest.get(digest)
    if (known && known.size !== size) throw refuse(`${digest} is named with two sizes`)
    byDigest.set(digest, { digest, size })
  }
  return [...byDigest.values()]
}

/** Spec "Listing Referrers": an image without artifactType is listed by its config's media type. */
function artifactTypeOf(json: Json, mediaType: string): string | undefined {
  const config = !isIndex(mediaType) && isObject(json.config) ? json.config.mediaType : undefined
  const type = json.artifactType || config
  if (typeof type !== 'string') return undefined
  if (type.length <= MAX_ARTIFACT_TYPE) return type
  throw refuse(`an artifact type has at most ${MAX_ARTIFACT_TYPE} characters`)
}

function annotationsOf(json: Json): Manifest['annotations'] {
  if (json.annotations === undefined || json.annotations === null) return undefined
  if (!isObject(json.annotations)) throw refuse('annotations is not an object')
  const entries = Object.entries(json.annotations)
  if (!entries.every((entry): entry is [string, string] => typeof entry[1] === 'string')) {
    throw refuse('an annotation is not a string')
  }
  return Object.fromEntries(entries)
}
