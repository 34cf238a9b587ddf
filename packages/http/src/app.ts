/** The registry as a fetch function: every door serves this. */
import { RegistryError } from '@sluice/core/errors'
import { Hono } from 'hono'
import type { ApisApp } from './apis/apis-app.ts'
import type { AppContext, AppEnvironment, Parts } from './app-environment.ts'
import { answerRoute } from './answer-route.ts'
import { writeError } from './errors.ts'
import { askedName } from './asked-name.ts'
import { routeOf, type Methods, type RouteName } from './route-table.ts'
import { baseRoutes } from './routes/base.ts'
import { blobRoutes } from './routes/blobs.ts'
import { catalogRoutes } from './routes/catalog.ts'
import { admitWhileWell, answerHealth, answerReadiness } from './routes/health.ts'
import { manifestRoutes } from './routes/manifests.ts'
import { authorizeRoutes, oauthServerRoutes } from './routes/oauth.ts'
import { METRICS_PATH, metricsRoutes, type MetricsOptions } from './routes/metrics.ts'
import { KEYS_PATH, openidConfigurationRoutes, openidKeysRoutes } from './routes/openid.ts'
import { openshiftTokenRoutes } from './routes/openshift-token.ts'
import { referrerRoutes } from './routes/referrers.ts'
import { tagRoutes } from './routes/tags.ts'
import { tokenRoutes } from './routes/token.ts'
import { newUploadRoutes, uploadRoutes } from './routes/uploads.ts'
import { whenKnown } from './when-known.ts'

const ADMIN_PATHS = ['/api', '/api/*', '/apis', '/apis/*', '/openapi/*', '/version']

/** `metrics`: of a door that has some to show. */
export function createApp(parts: Parts, metrics?: MetricsOptions): Hono<AppEnvironment> {
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

  const registry = (c: AppContext): Response | Promise<Response> => {
    const found = routeOf(c.req.path.slice('/v2'.length))
    if (!found) throw unknownPath()
    c.env?.log?.asks(found)
    admitWhileWell(parts.health)
    const methods = routes[found.route]
    const { caches } = parts.registry
    if (!caches) return answerRoute(c, methods, found)
    return whenKnown(askedName(c, parts, caches, found), ({ name, namespace }) => {
      const response = answerRoute(c, methods, { name, argument: found.argument })
      return namespace === undefined ? response : inNamespace(response, namespace)
    })
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

  for (const path of ['/', '/healthz']) app.all(path, () => answerHealth(parts.health))
  app.get('/readyz', (c) => answerReadiness(c, parts.health, ''))
  app.get('/readyz/*', (c) => answerReadiness(c, parts.health, c.req.path.slice('/readyz'.length)))

  const single: Readonly<Record<string, Methods>> = {
    '/token': tokenRoutes(parts),
    '/openshift/token': openshiftTokenRoutes(parts),
    '/oauth/authorize': authorizeRoutes(parts),
    '/.well-known/oauth-authorization-server': oauthServerRoutes(parts),
    '/.well-known/openid-configuration': openidConfigurationRoutes(parts),
    [KEYS_PATH]: openidKeysRoutes(parts),
    ...(metrics && { [METRICS_PATH]: metricsRoutes(parts, metrics) }),
  }
  for (const [path, methods] of Object.entries(single)) {
    app.all(path, (c) => {
      // Those look for themselves: whoever has their secret may see them while all else fails.
      if (path !== METRICS_PATH) admitWhileWell(parts.health)
      return answerRoute(c, methods, { name: '', argument: '' })
    })
  }
  return app
}

async function inNamespace(
  answer: Response | Promise<Response>,
  namespace: string,
): Promise<Response> {
  const response = await answer
  response.headers.set('OCI-Namespace', namespace)
  return response
}

const unknownPath = (): RegistryError =>
  new RegistryError('NOT_FOUND', 'the registry is at /v2/, and its tokens at /token')
