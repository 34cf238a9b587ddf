/** What an upstream without faults answers to one request, but for logins. */
import type { ScriptedContent } from './scripted-content.ts'

export interface ProperAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
}

export type RequestKind =
  | 'base'
  | 'manifest-head'
  | 'manifest-get'
  | 'blob-head'
  | 'blob-get'
  | 'tags'
  | 'referrers'
  | 'token'
  /** At the other host that blobs are redirected to. */
  | 'store'
  | 'other'

export interface ParsedPath {
  readonly kind: RequestKind
  readonly repository: string
  /** Reference, digest, or ''. */
  readonly last: string
}

export function parsePath(method: string, pathname: string): ParsedPath {
  if (pathname === '/v2/') return { kind: 'base', repository: '', last: '' }
  if (pathname === '/token') return { kind: 'token', repository: '', last: '' }
  const match = /^\/v2\/(.+)\/(manifests|blobs|tags|referrers)\/([^/]+)$/.exec(pathname)
  if (!match) return { kind: 'other', repository: '', last: '' }
  const [, repository = '', room = '', last = ''] = match
  const ending = method === 'HEAD' ? 'head' : 'get'
  if (room === 'manifests') return { kind: `manifest-${ending}`, repository, last }
  if (room === 'blobs') return { kind: `blob-${ending}`, repository, last }
  return { kind: room === 'tags' ? 'tags' : 'referrers', repository, last }
}

const json = (status: number, body: object, headers = {}): ProperAnswer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
})

const unknown = (code: string): ProperAnswer =>
  json(404, { errors: [{ code, message: 'unknown' }] })

export function properAnswer(
  content: ScriptedContent,
  { kind, repository, last }: ParsedPath,
  query: URLSearchParams,
  options: { readonly tagsPerPage: number; readonly hasReferrers: boolean },
): ProperAnswer {
  if (kind === 'base') return json(200, {})
  if (kind === 'other')
    return { status: 404, headers: { 'content-type': 'text/plain' }, body: '404' }
  if (!content.has(repository)) return unknown('NAME_UNKNOWN')
  if (kind === 'tags') return tagPage(content, repository, query, options.tagsPerPage)
  if (kind === 'referrers') {
    if (!options.hasReferrers) {
      const headers = { 'content-type': 'text/plain' }
      return { status: 404, headers, body: '404 page not found\n' }
    }
    const manifests = content.referrers(repository, last)
    const mediaType = 'application/vnd.oci.image.index.v1+json'
    const index = { schemaVersion: 2, mediaType, manifests }
    return json(200, index, { 'content-type': mediaType })
  }
  if (kind === 'blob-get' || kind === 'blob-head') {
    const body = content.blob(repository, last)
    if (!body) return unknown('BLOB_UNKNOWN')
    const headers = { 'content-type': 'application/octet-stream', 'docker-content-digest': last }
    return { status: 200, headers, body }
  }
  const manifest = content.manifest(repository, last)
  if (!manifest) return unknown('MANIFEST_UNKNOWN')
  const headers = {
    'content-type': manifest.mediaType,
    'docker-content-digest': manifest.digest as string,
  }
  return { status: 200, headers, body: manifest.bytes }
}

function tagPage(
  content: ScriptedContent,
  repository: string,
  query: URLSearchParams,
  most: number,
): ProperAnswer {
  const all = (content.tags(repository) ?? []).toSorted()
  const after = query.get('last')
  const from = after === null ? 0 : all.indexOf(after) + 1
  const tags = all.slice(from, from + Math.min(most, Number(query.get('n') ?? most)))
  const last = tags.at(-1)
  const isWhole = last === undefined || from + tags.length === all.length
  const link = `</v2/${repository}/tags/list?n=${query.get('n') ?? most}&last=${last}>; rel="next"`
  return json(200, { name: repository, tags }, isWhole ? {} : { link })
}

/** The part that a Range asks for, of a 200 with a body. */
export function inRange(answer: ProperAnswer, range: string | undefined): ProperAnswer {
  const match = /^bytes=(\d+)-(\d*)$/.exec(range ?? '')
  if (!match || answer.status !== 200) return answer
  const body = Buffer.from(answer.body)
  const start = Number(match[1])
  const end = Math.min(match[2] ? Number(match[2]) : Infinity, body.byteLength - 1)
  if (start > end) {
    const headers = { 'content-range': `bytes */${body.byteLength}` }
    return { status: 416, headers, body: '' }
  }
  const headers = { ...answer.headers, 'content-range': `bytes ${start}-${end}/${body.byteLength}` }
  return { status: 206, headers, body: body.subarray(start, end + 1) }
}
