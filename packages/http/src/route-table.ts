/**
 * Which path is what. Repository names hold slashes, so a path is read from its end: that cannot mistake a repository
 * called `tags` or `blobs` for a route.
 */
import type { AppContext } from './app-environment.ts'

/** `name` and `argument` are as the client sent them, unparsed; percent signs have no place in either. */
export interface Target {
  readonly name: string
  readonly argument: string
}

export type Handler = (c: AppContext, target: Target) => Response | Promise<Response>
export type Methods = { readonly [method: string]: Handler }

export type RouteName =
  'base' | 'catalog' | 'manifests' | 'blobs' | 'newUpload' | 'upload' | 'tags' | 'referrers'

/** `path` is what follows `/v2`. */
export function routeOf(path: string): ({ readonly route: RouteName } & Target) | undefined {
  if (path === '' || path === '/') return { route: 'base', name: '', argument: '' }
  if (path === '/_catalog') return { route: 'catalog', name: '', argument: '' }
  const end = path.endsWith('/') ? path.length - 1 : path.length
  const last = path.lastIndexOf('/', end - 1)
  const middle = path.lastIndexOf('/', last - 1)
  if (middle <= 0) return undefined
  const tail = path.slice(last + 1, end)
  const kind = path.slice(middle + 1, last)
  const name = path.slice(1, middle)
  if (kind === 'blobs' && tail === 'uploads') return { route: 'newUpload', name, argument: '' }
  if (end < path.length) return undefined
  const argument = tail.replace(/%3a/i, ':')
  if (kind === 'manifests' || kind === 'blobs' || kind === 'referrers') {
    return { route: kind, name, argument }
  }
  if (kind === 'tags' && tail === 'list') return { route: 'tags', name, argument: '' }
  if (kind === 'uploads' && name.endsWith('/blobs')) {
    return { route: 'upload', name: name.slice(0, -'/blobs'.length), argument }
  }
  return undefined
}
