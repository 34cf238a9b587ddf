/** The two lines that tell of each request: that somebody had a right to it, and what was answered. */
import type { Log, LogForm } from '@sluice/core/ports/log'

export interface AccessForms {
  readonly authorized: LogForm
  readonly response: LogForm
}

const CHANGING = ['http.request.id', 'http.response.duration']

export const accessForms = (log: Log): AccessForms => ({
  authorized: log.form(
    'authorized request',
    [
      'http.request.id',
      'http.request.method',
      'http.request.uri',
      'openshift.auth.user',
      'openshift.auth.userid',
      'vars.name',
      'vars.reference',
      'vars.digest',
      'vars.uuid',
    ],
    CHANGING,
  ),
  response: log.form(
    'response',
    [
      'http.request.contenttype',
      'http.request.host',
      'http.request.id',
      'http.request.method',
      'http.request.referer',
      'http.request.remoteaddr',
      'http.request.uri',
      'http.request.useragent',
      'http.response.contenttype',
      'http.response.duration',
      'http.response.status',
      'http.response.written',
      'openshift.auth.user',
    ],
    CHANGING,
  ),
})
