import type { LogFields } from '@sluice/core/ports/log'
import type { AppContext } from './app-environment.ts'

/** Of a request that failed, for the log: no header and no query. */
export const failedRequest = (c: AppContext): LogFields => ({
  'http.request.id': c.env?.log?.id,
  'http.request.method': c.req.method,
  'http.request.uri': c.req.path,
})
