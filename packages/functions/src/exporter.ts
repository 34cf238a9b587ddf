/** The metrics, behind an HTTP API. Wiring only: nothing is opened before the first request. */
import { cloudSettings } from '@sluice/adapters/aws/cloud-settings'
import { expose } from '@sluice/adapters/metrics/expose'
import { Meter } from '@sluice/adapters/metrics/meter'
import type { LogFields } from '@sluice/core/ports/log'
import { createMetricsApp } from '@sluice/http/metrics-app'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { functionLog } from './function-log.ts'
import { lambdaDoor, type LambdaApp } from './lambda-door.ts'
import { openWing } from './open-wing.ts'
import { useLightFetch } from './use-light-fetch.ts'

useLightFetch()

const log = functionLog()
const onFailure = (thrown: unknown, request: LogFields): void =>
  log.error('a request failed', request, thrown)

async function openApp(): Promise<LambdaApp> {
  const settings = cloudSettings(process.env)
  const clock = { now: () => Date.now() }
  const wing = openWing(settings, clock)
  const parts = { ...wing, publicUrl: settings.publicUrl, onFailure }
  // No function hands its readings on yet.
  const meter = new Meter(clock)
  return createMetricsApp(parts, (wish) => expose(meter, wish))
}

const door = lambdaDoor(openApp, {
  // Read here, so that a door whose other settings are wrong still tells only its origin.
  originSecret: process.env['SLUICE_ORIGIN_SECRET'] || undefined,
  onFailure,
})

/** What EventBridge Scheduler sends when its owner names nothing else. */
interface ScheduledEvent {
  readonly 'detail-type': 'Scheduled Event'
}

/** A schedule's call finds nothing to gather, and does nothing; any other event that is no HTTP API's throws a TypeError. */
export async function handler(
  event: APIGatewayProxyEventV2 | ScheduledEvent,
): Promise<APIGatewayProxyStructuredResultV2 | undefined> {
  return 'detail-type' in event ? undefined : door(event)
}
