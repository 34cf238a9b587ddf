import { bundleFunctions, type Door } from './bundle-functions.ts'
import type { StageDeployment } from './deployment.ts'
import {
  apiGrants,
  exporterGrants,
  fillGrants,
  type Grant,
  logGrants,
  sweepGrants,
} from './grants.ts'
import type { LogGroups } from './log-groups.ts'
import type { Stores } from './stores.ts'

export type Functions = Readonly<Record<Door, sst.aws.Function>>

/** The Lambda doors. Permissions are spelt out (`grants.ts`): a link would grant `dynamodb:*` and `s3:*`. */
export function makeFunctions(
  deployment: StageDeployment,
  stores: Stores,
  logGroups: LogGroups,
  environment: Record<string, $util.Input<string>>,
): Functions {
  const bundles = bundleFunctions($cli.paths.root, $cli.paths.work)
  const make = (
    name: string,
    door: Door,
    timeout: '30 seconds' | '15 minutes',
    grants: Grant[],
    failed?: sst.aws.Queue,
  ): sst.aws.Function => {
    const logs = logGroups[door]
    return new sst.aws.Function(name, {
      description: `${$app.name} ${$app.stage}: ${door}`,
      // Ours and not SST's own, so that what is deployed is what the tests run.
      bundle: bundles[door],
      handler: 'index.handler',
      runtime: 'nodejs24.x',
      architecture: 'arm64',
      memory: `${deployment.memory[door]} MB`,
      timeout,
      environment,
      permissions: [...grants, ...logGrants(logs)],
      logging: { logGroup: logs.name, format: 'text' },
      transform: {
        function: (args) => {
          if (failed) args.deadLetterConfig = { targetArn: failed.arn }
        },
        // SST's own may write to every log group, and be assumed by whoever in the account may assume roles.
        role: (args) => {
          args.managedPolicyArns = []
          args.assumeRolePolicy = aws.iam.assumeRolePolicyForPrincipal({
            Service: 'lambda.amazonaws.com',
          })
        },
      },
    })
  }
  return {
    // The gateway waits no longer than 30 s.
    api: make('Api', 'api', '30 seconds', apiGrants(stores, deployment)),
    fill: make('Fill', 'fill', '15 minutes', fillGrants(stores, deployment)),
    sweep: make('Sweep', 'sweep', '15 minutes', sweepGrants(stores)),
    // A log brings its lines and waits for no answer: what fails three times, Lambda gives up.
    exporter: make('Exporter', 'exporter', '30 seconds', exporterGrants(stores), stores.uncounted),
  }
}
