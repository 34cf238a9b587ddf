/** The registry on Lambda, behind an HTTP API. Wiring only: nothing is opened before the first request. */
import { cloudSettings } from '@sluice/adapters/aws/cloud-settings'
import { openTracing } from '@sluice/adapters/tracing/open-tracing'
import { createApp } from '@sluice/http/app'
import { RequestMeter } from '@sluice/http/request-meter'
import { doorMeter } from './door-meter.ts'
import { doorSettings } from './door-settings.ts'
import { functionLogs } from './function-logs.ts'
import { jobQueue } from './job-queue.ts'
import { lambdaDoor, type LambdaApp } from './lambda-door.ts'
import { log } from './log.ts'
import { openWing } from './open-wing.ts'
import { useLightFetch } from './use-light-fetch.ts'

useLightFetch()

const { meter, told } = doorMeter('api')
const { onFailure } = doorSettings

async function openApp(): Promise<LambdaApp> {
  const settings = cloudSettings(process.env)
  const jobs = settings.upstreams && jobQueue(settings.upstreams.queueUrl)
  const tracer = await openTracing(process.env, (problem) => log.warn(problem))
  const ports = { jobs, metrics: meter, ...(tracer && { tracer }) }
  const wing = openWing(settings, { now: () => Date.now() }, ports)
  const groups = process.env['SLUICE_LOG_GROUPS']
  const logs = groups ? { logs: functionLogs(groups) } : {}
  const app = createApp({ ...wing, ...logs, publicUrl: settings.publicUrl, onFailure })
  if (!tracer) return app
  const { flushingApp } = await import('./flushing-app.ts')
  return flushingApp(app, tracer)
}

const door = lambdaDoor(openApp, { ...doorSettings, meter: new RequestMeter(meter) })

export const handler = told(door)
