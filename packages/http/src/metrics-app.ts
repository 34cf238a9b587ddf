/** The metrics of the registry for whoever may see them, at the path of OpenShift's registry. */
import type { Access } from '@sluice/core/access'
import { RegistryError } from '@sluice/core/errors'
import { Hono } from 'hono'
import type { AppContext, AppEnvironment, Parts } from './app-environment.ts'
import { identify } from './caller.ts'
import { ChallengeError, CredentialsError } from './challenge.ts'
import { MethodError, writeError } from './errors.ts'

export const METRICS_PATH = '/extensions/v2/metrics'

const ACCESS: Access = { type: 'registry', name: 'metrics', actions: ['*'] }

/** Answers the whole exposition as its scraper wants it; it is asked for nobody who may not see it. */
export type Expose = (wish: {
  readonly accept: string | undefined
  readonly acceptEncoding: string | undefined
}) => Promise<{
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array<ArrayBuffer>
}>

export function createMetricsApp(parts: Parts, expose: Expose): Hono<AppEnvironment> {
  const app = new Hono<AppEnvironment>()
  app.onError((error, c) => writeError(error, c, parts))
  app.notFound((c) => {
    const detail = `the metrics are at ${METRICS_PATH}`
    return writeError(new RegistryError('NOT_FOUND', detail), c, parts)
  })
  // Hono answers HEAD as well, from this.
  app.get(METRICS_PATH, async (c) => {
    await admit(c, parts)
    const wish = { accept: c.req.header('Accept'), acceptEncoding: c.req.header('Accept-Encoding') }
    const { headers, body } = await expose(wish)
    return c.body(body, 200, { ...headers, 'Cache-Control': 'no-store' })
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
