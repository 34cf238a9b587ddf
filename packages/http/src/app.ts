/** The registry as a fetch function: every door serves this. */
import { RegistryError } from '@sluice/core/errors'
import type { Caches } from '@sluice/core/services/caches'
import { Hono } from 'hono'
import type { ApisApp } from './apis/apis-app.ts'
import type { AppContext, AppEnvironment, Parts } from './app-environment.ts'
import { MethodError, writeError } from './errors.ts'
import { askedName } from './asked-name.ts'
import { routeOf, type Methods, type RouteName, type Target } from './route-table.ts'
import { baseRoutes } from './routes/base.ts'
import { blobRoutes } from './routes/blobs.ts'
import { catalogRoutes } from './routes/catalog.ts'
import { manifestRoutes } from './routes/manifests.ts'
import { authorizeRoutes, oauthServerRoutes } from './routes/oauth.ts'
import { KEYS_PATH, openidConfigurationRoutes, openidKeysRoutes } from './routes/openid.ts'
import { openshiftTokenRoutes } from './routes/openshift-token.ts'
import { referrerRoutes } from './routes/referrers.ts'
import { tagRoutes } from './routes/tags.ts'
import { tokenRoutes } from './routes/token.ts'
import { newUploadRoutes, uploadRoutes } from './routes/uploads.ts'

const ADMIN_PATHS = ['/api', '/api/*', '/apis', '/apis/*', '/openapi/*', '/version']

export function createApp(parts: Parts): Hono<AppEnvironment> {
  const routes: Record<RouteName, Methods> = {
    base: baseRoutes(parts),
    blobs: blobRoutes(parts),
    catalog: catalogRoutes(parts),
    manifests: manifestRoutes(parts),
    newUpload: newUploadRoutes(parts),
    referrers: referrerRoutes(parts),
    tags: tagRoutes(parts),
    upload: uploadRoutes(parts),
  }
  const app = new Hono<AppEnvironment>()
  app.onError((error, c) => writeError(error, c, parts))
  app.notFound((c) => writeError(unknownPath(), c, parts))

  const registry = (c: AppContext): Promise<Response> => {
    const found = routeOf(c.req.path.slice('/v2'.length))
    if (!found) throw unknownPath()
    c.env?.log?.asks(found)
    const methods = routes[found.route]
    const { caches } = parts.registry
    return caches ? answerAsked(caches, c, methods, found) : answer(c, methods, found)
  }
  const answerAsked = async (
    caches: Caches,
    c: AppContext,
    methods: Methods,
    found: { readonly route: RouteName } & Target,
  ) => {
    const { name, namespace } = await askedName(c, parts, caches, found)
    const response = await answer(c, methods, { name, argument: found.argument })
    if (namespace !== undefined) response.headers.set('OCI-Namespace', namespace)
    return response
  }
  app.all('/v2', registry)
  app.all('/v2/*', registry)

  // A pull should not pay for what only an administrator asks.
  let opening: Promise<ApisApp> | undefined
  const admin = async (c: AppContext) => {
    opening ??= import('./apis/apis-app.ts').then((room) => new room.ApisApp(parts))
    return (await opening).answer(c)
  }
  for (const path of ADMIN_PATHS) app.all(path, admin)

  const single: Readonly<Record<string, Methods>> = {
    '/token': tokenRoutes(parts),
    '/openshift/token': openshiftTokenRoutes(parts),
    '/oauth/authorize': authorizeRoutes(parts),
    '/.well-known/oauth-authorization-server': oauthServerRoutes(parts),
    '/.well-known/openid-configuration': openidConfigurationRoutes(parts),
    [KEYS_PATH]: openidKeysRoutes(parts),
  }
  for (const [path, methods] of Object.entries(single)) {
    app.all(path, (c) => answer(c, methods, { name: '', argument: '' }))
  }
  return app
}

function answer(
  c: AppContext,
  methods: Methods,
  target: { readonly name: string; readonly argument: string },
): Promise<Response> {
  const { method } = c.req
  const handler = Object.hasOwn(methods, method) ? methods[method] : undefined
  if (handler) return handler(c, target)
  if (method === 'HEAD' && methods.GET) return headOf(methods.GET(c, target))
  throw new MethodError(allowedOf(methods))
}

/** Where there is GET there is HEAD, with the same headers and no body. */
async function headOf(get: Promise<Response>): Promise<Response> {
  const response = await get
  const length = (await response.arrayBuffer()).byteLength
  const headers = Object.fromEntries(response.headers)
  if (response.status === 200) headers['content-length'] = String(length)
  return new Response(null, { status: response.status, headers })
}

const allowedOf = (methods: Methods): string[] => {
  const names = Object.keys(methods)
  return names.includes('GET') && !names.includes('HEAD') ? ['HEAD', ...names] : names
}

const unknownPath = (): RegistryError =>
  new RegistryError('NOT_FOUND', 'the registry is at /v2/, and its tokens at /token')
