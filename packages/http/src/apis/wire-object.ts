/** Objects as Kubernetes' API writes them. https://kubernetes.io/docs/reference/using-api/api-concepts/ */
import { ObjectError } from '@sluice/core/object-error'
import type { ObjectDraft, ObjectMeta } from '@sluice/core/stored-object'

export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }
export type Members = { readonly [name: string]: Json }

export interface WireObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Members
  readonly [field: string]: Json
}

/** RFC 3339 without fractions. */
export const timeOf = (milliseconds: number): string =>
  `${new Date(milliseconds).toISOString().slice(0, 19)}Z`

export const metadataOf = (meta: ObjectMeta): Members => ({
  name: meta.name,
  ...(meta.namespace === undefined ? {} : { namespace: meta.namespace }),
  uid: meta.uid,
  resourceVersion: meta.resourceVersion,
  // What every registry has was made at no time.
  ...(meta.createdAt === 0 ? {} : { creationTimestamp: timeOf(meta.createdAt) }),
  ...(Object.keys(meta.labels).length === 0 ? {} : { labels: meta.labels }),
  ...(Object.keys(meta.annotations).length === 0 ? {} : { annotations: meta.annotations }),
})

export const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `where`: for the message. */
export function membersOf(value: unknown, where: string): Members {
  if (value === undefined || value === null) return {}
  if (isMembers(value)) return value
  throw badRequest(`${where} must be an object`)
}

export function listOf(value: unknown, where: string): readonly Json[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value as readonly Json[]
  throw badRequest(`${where} must be a list`)
}

export function textOf(value: unknown, where: string): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return value
  throw badRequest(`${where} must be a string`)
}

/** For what is only shown. */
export const shownText = (value: Json | undefined): string =>
  typeof value === 'string' ? value : ''

export const textsOf = (value: unknown, where: string): readonly string[] =>
  listOf(value, where).map((one, at) => textOf(one, `${where}[${at}]`))

export function textMapOf(value: unknown, where: string): Record<string, string> {
  const entries = Object.entries(membersOf(value, where))
  if (entries.some(([name]) => name === '')) throw badRequest(`${where}: a name must not be empty`)
  return Object.fromEntries(entries.map(([name, one]) => [name, textOf(one, `${where}.${name}`)]))
}

export const badRequest = (message: string): ObjectError => new ObjectError('BadRequest', message)

/** What a client may say of an object's metadata. */
export function draftOf<Content>(object: Members, content: Content): ObjectDraft<Content> {
  const metadata = membersOf(object['metadata'], 'metadata')
  return {
    name: textOf(metadata['name'], 'metadata.name'),
    labels: textMapOf(metadata['labels'], 'metadata.labels'),
    annotations: textMapOf(metadata['annotations'], 'metadata.annotations'),
    content,
  }
}
