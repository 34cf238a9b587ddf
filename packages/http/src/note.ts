/** Tells of what a request has done, with what is known of the request. */
import { randomUUID } from 'node:crypto'
import type { Deed, ImageAction, ImageTarget, RequestFacts } from '@sluice/core/activity'
import type { Identity } from '@sluice/core/ports/identity-provider'
import type { AppContext, Parts } from './app-environment.ts'
import { baseUrl } from './base-url.ts'

/** Awaited before the answer; at once where nobody is to be told. */
export const note = (
  c: AppContext,
  parts: Parts,
  by: Identity | undefined,
  deed: Deed,
): Promise<void> | undefined => parts.registry.activities.note(deed, by, () => factsOf(c, parts))

export const noteImage = (
  c: AppContext,
  parts: Parts,
  by: Identity,
  action: ImageAction,
  target: ImageTarget,
): Promise<void> | undefined => note(c, parts, by, { kind: 'image', action, target })

function factsOf(c: AppContext, parts: Parts): RequestFacts {
  return {
    id: c.env?.log?.id ?? randomUUID(),
    addr: c.env?.remoteAddress ?? '',
    host: c.req.header('host') ?? '',
    method: c.env?.recomputesLength ? 'HEAD' : c.req.method,
    userAgent: c.req.header('user-agent') ?? '',
    baseUrl: urlOf(c, parts),
  }
}

/** A client that says no proper Host is answered all the same. */
function urlOf(c: AppContext, parts: Parts): string {
  try {
    return baseUrl(c, parts)
  } catch {
    return ''
  }
}
