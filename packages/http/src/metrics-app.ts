/**
 * The metrics of the registry for whoever may see them, in Prometheus' text format, at the path of OpenShift's registry.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import type { Access } from '@sluice/core/access'
import { RegistryError } from '@sluice/core/errors'
import { Hono } from 'hono'
import type { AppContext, AppEnvironment, Parts } from './app-environment.ts'
import { identify } from './caller.ts'
import { ChallengeError, CredentialsError } from './challenge.ts'
import { MethodError, writeError } from './errors.ts'

export const METRICS_PATH = '/extensions/v2/metrics'

const ACCESS: Access = { type: 'registry', name: 'metrics', actions: ['*'] }

const TEXT_FORMAT = 'text/plain; version=0.0.4; charset=utf-8'

/** `expose` answers the whole exposition; it is asked for nobody who may not see it. */
export function createMetricsApp(
  parts: Parts,
  expose: () => Promise<string>,
): Hono<AppEnvironment> {
  const app = new Hono<AppEnvironment>()
  app.onError((error, c) => writeError(error, c, parts))
  app.notFound((c) => {
    const detail = `the metrics are at ${METRICS_PATH}`
    return writeError(new RegistryError('NOT_FOUND', detail), c, parts)
  })
  // Hono answers HEAD as well, from this.
  app.get(METRICS_PATH, async (c) => {
    await admit(c, parts)
    c.header('Content-Type', TEXT_FORMAT)
    c.header('Cache-Control', 'no-store')
    return c.body(await expose())
  })
  app.all(METRICS_PATH, () => {
    throw new MethodError(['HEAD', 'GET'])
  })
  return app
}

async function admit(c: AppContext, parts: Parts): Promise<void> {
  const caller = await identify(c, parts)
  if (!caller) throw new ChallengeError(c, parts, 'log in first', { access: ACCESS })
  if (await caller.may(ACCESS)) return
  if (!caller.byToken) {
    const Reason = `${caller.identity.user} has no role that lets him get registry/metrics`
    const record = { Type: 'metrics', Class: '', Name: '', Action: 'get', Reason }
    throw new CredentialsError('access denied', [[record]])
  }
  const detail = `${caller.identity.user} may not see the metrics, or the token is for something else`
  throw new ChallengeError(c, parts, detail, { access: ACCESS, error: 'insufficient_scope' })
}
