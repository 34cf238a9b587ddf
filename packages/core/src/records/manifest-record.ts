/** A manifest (`manifest#<digest>`) and its entry in the referrers list of its subject (`referrer#<subject>#<digest>`). */
import type { Digest } from '../digest.ts'
import type { Manifest } from '../manifest.ts'
import type { Item, Value } from '../ports/table.ts'
import { defined } from './defined.ts'

/** A larger body, or one with very many references, lives in the blob store: the record must fit in 400 KB. */
export const MAX_INLINE_BODY = 300_000
/** A referrer's annotations of more bytes are read from the manifest when it is listed. */
export const MAX_INLINE_ANNOTATIONS = 32_000
const MAX_INLINE_RECORD = 350_000

export interface ManifestRecord {
  readonly mediaType: string
  readonly size: number
  readonly body: Uint8Array | undefined
  /** The object of a body that is not inline. */
  readonly bodyKey: string | undefined
  /** Blobs whose links hold a reference for this manifest. */
  readonly refs: readonly Digest[]
  readonly subject: Digest | undefined
  /** Grows with every tag that is put on it, so that a delete knows all tags or fails. */
  readonly version: number
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** Of one that came from an upstream: when it was last pulled, give or take an hour; milliseconds since the epoch. */
  readonly pulledAt: number | undefined
}

export const manifestRecord = (item: Item): ManifestRecord => ({
  mediaType: item.mediaType as string,
  size: item.size as number,
  body: item.body as Uint8Array | undefined,
  bodyKey: item.bodyKey as string | undefined,
  refs: item.refs as readonly Digest[],
  subject: item.subject as Digest | undefined,
  version: item.version as number,
  createdAt: item.createdAt as number,
  pulledAt: item.pulledAt as number | undefined,
})

export const fitsInline = (size: number, references: number): boolean =>
  size <= MAX_INLINE_BODY && size + references * 140 <= MAX_INLINE_RECORD

export interface ReferrerRecord {
  readonly mediaType: string
  readonly size: number
  readonly artifactType: string | undefined
  readonly annotations: Annotations | undefined
  /** The annotations are too large for the record. */
  readonly annotationsInBody: boolean
}

export const referrerRecord = (item: Item): ReferrerRecord => ({
  mediaType: item.mediaType as string,
  size: item.size as number,
  artifactType: item.artifactType as string | undefined,
  annotations: annotationsOf(item.annotations),
  annotationsInBody: item.annotationsInBody === true,
})

type Annotations = { readonly [name: string]: string }

/** JSON, since a name may be empty and their order is the author's: a table's own maps keep neither. Maps are of old records. */
const annotationsOf = (value: Value | undefined): Annotations | undefined =>
  (typeof value === 'string' ? JSON.parse(value) : value) as Annotations | undefined

export function referrerItem(manifest: Manifest, size: number): Item {
  const { mediaType, artifactType, annotations } = manifest
  const text = annotations && JSON.stringify(annotations)
  const large = text !== undefined && text.length > MAX_INLINE_ANNOTATIONS
  return defined({
    mediaType,
    size,
    artifactType,
    annotations: large ? undefined : text,
    annotationsInBody: large || undefined,
  })
}
