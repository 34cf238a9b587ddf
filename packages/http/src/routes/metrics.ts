/** The metrics of the registry for whoever may see them, at the path of OpenShift's registry. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Access } from '@sluice/core/access'
import type { AppContext, Parts } from '../app-environment.ts'
import { parseBasic } from '../basic-credentials.ts'
import { bearerToken } from '../bearer-token.ts'
import { identify } from '../caller.ts'
import { ChallengeError, CredentialsError } from '../challenge.ts'
import { respond } from '../respond.ts'
import type { Methods } from '../route-table.ts'
import { admitWhileWell } from './health.ts'

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

export interface MetricsOptions {
  readonly expose: Expose
  /** What opens the metrics; with it, no right does. */
  readonly secret?: string | undefined
}

export const metricsRoutes = (parts: Parts, { expose, secret }: MetricsOptions): Methods => ({
  GET: async (c) => {
    await admit(c, parts, secret)
    const { headers, body } = await expose({
      accept: c.req.header('accept'),
      acceptEncoding: c.req.header('accept-encoding'),
    })
    return respond(200, { ...headers, 'Cache-Control': 'no-store' }, body)
  },
})

async function admit(c: AppContext, parts: Parts, secret: string | undefined): Promise<void> {
  // Who has the secret may look while all else fails.
  if (secret !== undefined && isSame(presented(c), secret)) return
  admitWhileWell(parts.health)
  const caller = await identify(c, parts)
  if (!caller) throw new ChallengeError(c, parts, 'log in first', { access: ACCESS })
  const { user } = caller.identity
  if (secret !== undefined) throw denied(`the metrics are opened by a secret alone, not to ${user}`)
  if (await caller.may(ACCESS)) return
  if (!caller.byToken) throw denied(`${user} has no role that lets him get registry/metrics`)
  const detail = `${user} may not see the metrics, or the token is for something else`
  throw new ChallengeError(c, parts, detail, { access: ACCESS, error: 'insufficient_scope' })
}

const denied = (Reason: string): CredentialsError =>
  new CredentialsError('access denied', [
    [{ Type: 'metrics', Class: '', Name: '', Action: 'get', Reason }],
  ])

/** The token of a Bearer header, or the password of a Basic one. */
function presented(c: AppContext): string {
  const header = c.req.header('authorization') ?? ''
  return bearerToken(header) ?? parseBasic(header)?.password ?? ''
}

/** As long for any two texts. */
function isSame(one: string, other: string): boolean {
  const [left, right] = [one, other].map((text) => createHash('sha256').update(text).digest())
  return left !== undefined && right !== undefined && timingSafeEqual(left, right)
}
