import type { StageDeployment } from '../deployment.ts'
import type { Stores } from '../stores.ts'
import { makeFargateDoor } from './fargate-door.ts'
import type { UploadOrigin } from './upload-origin.ts'
import { makeWebFunctionDoor } from './web-function-door.ts'

/** Absent when it is off: uploads then pass through the gateway like all else. */
export function makeUploadDoor(
  deployment: StageDeployment,
  stores: Stores,
  environment: Record<string, $util.Input<string>>,
): UploadOrigin | undefined {
  switch (deployment.uploadDoor) {
    case 'fargate':
      return makeFargateDoor(deployment, stores, environment)
    case 'web-function':
      return makeWebFunctionDoor(deployment, stores, environment)
    case 'off':
      return undefined
  }
}
