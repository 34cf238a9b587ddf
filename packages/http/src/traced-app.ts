/** An app each of whose requests is a span, by OpenTelemetry's conventions for HTTP servers; it ends with the head of the answer. */
import type { OpenSpan, Tracer } from '@sluice/core/ports/tracer'
import type { DoorBindings } from './door-bindings.ts'
import { routeOf, type RouteName } from './route-table.ts'
import { METRICS_PATH } from './routes/metrics.ts'
import { KEYS_PATH } from './routes/openid.ts'

interface App<Bindings extends DoorBindings> {
  fetch(request: Request, bindings: Bindings): Response | Promise<Response>
}

const ROUTES: Readonly<Record<RouteName, string>> = {
  base: '/v2/',
  catalog: '/v2/_catalog',
  manifests: '/v2/{name}/manifests/{reference}',
  blobs: '/v2/{name}/blobs/{digest}',
  newUpload: '/v2/{name}/blobs/uploads/',
  upload: '/v2/{name}/blobs/uploads/{uuid}',
  tags: '/v2/{name}/tags/list',
  referrers: '/v2/{name}/referrers/{digest}',
}

/** What has no names in it. */
const OTHERS: ReadonlySet<string> = new Set([
  '/',
  '/token',
  '/openshift/token',
  '/oauth/authorize',
  '/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration',
  KEYS_PATH,
  METRICS_PATH,
  '/healthz',
  '/readyz',
  '/version',
])
/** The admin API, whose names say too much to be a route. */
const ADMIN = /^\/(apis?|openapi)(?:\/|$)/

const MAX_CHARACTERS = 512

export function tracedApp<Bindings extends DoorBindings>(
  app: App<Bindings>,
  tracer: Tracer,
): App<Bindings> {
  return {
    fetch: (request, bindings) => {
      const path = pathOf(request.url)
      const method = bindings.recomputesLength ? 'HEAD' : request.method
      const route = httpRoute(path)
      const { headers } = request
      return tracer.span(
        {
          name: route === undefined ? method : `${method} ${route}`,
          kind: 'server',
          caller: {
            traceparent: headers.get('traceparent') ?? undefined,
            tracestate: headers.get('tracestate') ?? undefined,
          },
          attributes: {
            'http.request.method': method,
            'http.route': route,
            'url.path': path.slice(0, MAX_CHARACTERS),
            'url.scheme': bindings.secure ? 'https' : 'http',
            'server.address': headers.get('host')?.slice(0, MAX_CHARACTERS),
            'client.address': bindings.remoteAddress,
            'user_agent.original': headers.get('user-agent')?.slice(0, MAX_CHARACTERS),
          },
        },
        (span) => {
          const response = app.fetch(request, bindings)
          if (!(response instanceof Promise)) return answered(span, response)
          return response.then((settled) => answered(span, settled))
        },
      )
    },
  }
}

function answered(span: OpenSpan, response: Response): Response {
  const { status } = response
  span.set({ 'http.response.status_code': status })
  if (status >= 500) {
    span.set({ 'error.type': String(status) })
    span.failed()
  }
  return response
}

/** Without the query, which may hold what is secret. */
function pathOf(url: string): string {
  const path = url.slice(url.indexOf('/', url.indexOf('//') + 2))
  const end = path.search(/[?#]/)
  return end < 0 ? path : path.slice(0, end)
}

function httpRoute(path: string): string | undefined {
  if (path === '/v2' || path.startsWith('/v2/')) {
    const found = routeOf(path.slice('/v2'.length))
    return found && ROUTES[found.route]
  }
  if (OTHERS.has(path)) return path
  const admin = ADMIN.exec(path)
  return admin ? `/${admin[1]}/{path}` : undefined
}
