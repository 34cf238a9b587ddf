import { makeAlarms } from './alarms.ts'
import { makeDashboard } from './dashboard.ts'
import type { StageDeployment } from './deployment.ts'
import { makeEdge } from './edge.ts'
import { environmentOf } from './environment.ts'
import { makeFunctions } from './functions.ts'
import { makeGateway, routeGateway } from './gateway.ts'
import { makeLogGroups } from './log-groups.ts'
import { makeLogSubscriptions } from './log-subscriptions.ts'
import { makeStores } from './stores.ts'
import { makeTriggers } from './triggers.ts'
import { makeUpstreams } from './upstreams.ts'
import { makeUploadDoor } from './upload-door/upload-door.ts'

/** All of one stage. What `sst deploy` prints at its end is what this returns. */
export function makeRegistry(deployment: StageDeployment): Record<string, $util.Input<string>> {
  const stores = makeStores(deployment)
  const originSecret = new random.RandomPassword('OriginSecret', { length: 48, special: false })
  const environment = environmentOf(deployment, stores, originSecret.result)
  const logGroups = makeLogGroups(deployment)
  const functions = makeFunctions(deployment, stores, logGroups, environment)
  const gateway = makeGateway(deployment)
  routeGateway(gateway, functions)
  makeTriggers(deployment, stores, functions)
  makeUpstreams(deployment, functions)
  const upload = makeUploadDoor(deployment, stores, environment)
  const edge = makeEdge(deployment, gateway, upload, originSecret.result)
  makeLogSubscriptions(deployment, logGroups, upload, functions)
  makeDashboard(deployment, stores, functions, gateway)
  makeAlarms(deployment, stores, functions, gateway, upload)
  return {
    registry: `https://${deployment.hostName}`,
    // Where the host name must point when dns is manual.
    edge: edge.url,
    bucket: stores.bucket.name,
    table: stores.table.name,
  }
}
