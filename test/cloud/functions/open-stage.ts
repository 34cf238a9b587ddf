/** A stage of its own for one test file, as the environment of its functions says, and the registry in it. */
import { randomBytes } from 'node:crypto'
import { cloudSettings } from '@sluice/adapters/aws/cloud-settings'
import type { CloudWing } from '@sluice/adapters/aws/cloud-wing'
import { parseProjectName } from '@sluice/core/repository-name'
import { openWing } from '@sluice/functions/open-wing'
import { createStage } from '../engines/create-stage.ts'
import { engineUrls } from '../engines/engines.ts'

export const PASSWORD = 'correct horse: battery staple'

export interface FunctionStage {
  readonly environment: Readonly<Record<string, string>>
  readonly wing: CloudWing
}

/** With the project `team`. This process's environment becomes the stage's. */
export async function openStage(others: Record<string, string> = {}): Promise<FunctionStage> {
  const name = `sluice-${randomBytes(6).toString('hex')}`
  const stage = await createStage({ urls: engineUrls(), name, password: PASSWORD })
  const environment = { ...stage, SLUICE_PUBLIC_URL: 'https://registry.test', ...others }
  Object.assign(process.env, environment)
  const wing = openWing(cloudSettings(environment), { now: () => Date.now() })
  await wing.registry.projects.create(parseProjectName('team'))
  return { environment, wing }
}
