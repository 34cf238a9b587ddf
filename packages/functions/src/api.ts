/** The registry on Lambda, behind an HTTP API. Wiring only: nothing is opened before the first request. */
import { cloudSettings } from '@sluice/adapters/aws/cloud-settings'
import { createApp } from '@sluice/http/app'
import { jobQueue } from './job-queue.ts'
import { lambdaDoor, type LambdaApp } from './lambda-door.ts'
import { logFailure } from './log-failure.ts'
import { openWing } from './open-wing.ts'
import { useLightFetch } from './use-light-fetch.ts'

useLightFetch()

async function openApp(): Promise<LambdaApp> {
  const settings = cloudSettings(process.env)
  const jobs = settings.upstreams && jobQueue(settings.upstreams.queueUrl)
  const wing = openWing(settings, { now: () => Date.now() }, jobs)
  return createApp({
    ...wing,
    publicUrl: settings.publicUrl,
    onLimit: logFailure,
    onFailure: logFailure,
  })
}

export const handler = lambdaDoor(openApp, {
  // Read here, so that a door whose other settings are wrong still tells only its origin.
  originSecret: process.env['SLUICE_ORIGIN_SECRET'] || undefined,
  onFailure: logFailure,
})
