import { accessForms } from '@sluice/http/access-forms'
import type { LambdaDoorSettings } from './lambda-door.ts'
import { log } from './log.ts'

/**
 * What every door behind an HTTP API has of its environment. Read when it is loaded, so that a door whose other settings
 * are wrong still tells only its origin.
 */
export const doorSettings = {
  originSecret: process.env['SLUICE_ORIGIN_SECRET'] || undefined,
  onFailure: (thrown, request) => log.error('a request failed', request, thrown),
  requests: {
    log,
    access: process.env['SLUICE_ACCESS_LOG'] === 'off' ? undefined : accessForms(log),
  },
} satisfies LambdaDoorSettings
