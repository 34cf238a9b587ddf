/** Serves only what came through CloudFront (`@sluice/http/origin-secret`); health checks come from elsewhere. */
import { RegistryError } from '@sluice/core/errors'
import { comesThroughOrigin, ORIGIN_SECRET_HEADER, VIEWER_HEADER } from '@sluice/http/origin-secret'
import type { App } from './listen.ts'

export const HEALTH_PATH = '/healthz'

export function behindOrigin(app: App, secret: string | undefined): App {
  return {
    fetch: (request, bindings) => {
      if (new URL(request.url).pathname === HEALTH_PATH) return app.fetch(request, bindings)
      if (secret !== undefined) {
        const header = request.headers.get(ORIGIN_SECRET_HEADER)
        if (!comesThroughOrigin(secret, header)) return refusal()
        const viewer = request.headers.get(VIEWER_HEADER)
        if (viewer) bindings.comesFrom(viewer)
      }
      return app.fetch(request, bindings)
    },
  }
}

function refusal(): Response {
  const { code, message, details } = new RegistryError('DENIED', 'use the public host name')
  const errors = details.map((detail) => ({ code, message, detail }))
  return Response.json({ errors }, { status: 403 })
}
