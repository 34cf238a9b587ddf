/** The metrics alone, for a door that serves nothing else. */
import { RegistryError } from '@sluice/core/errors'
import { Hono } from 'hono'
import type { AppEnvironment, Parts } from './app-environment.ts'
import { answerRoute } from './answer-route.ts'
import { writeError } from './errors.ts'
import { METRICS_PATH, metricsRoutes, type Expose } from './routes/metrics.ts'

export function createMetricsApp(
  parts: Parts,
  expose: Expose,
  secret?: string,
): Hono<AppEnvironment> {
  const app = new Hono<AppEnvironment>()
  app.onError((error, c) => writeError(error, c, parts))
  app.notFound((c) => {
    const detail = `the metrics are at ${METRICS_PATH}`
    return writeError(new RegistryError('NOT_FOUND', detail), c, parts)
  })
  const routes = metricsRoutes(parts, { expose, secret })
  app.all(METRICS_PATH, (c) => answerRoute(c, routes, { name: '', argument: '' }))
  return app
}
