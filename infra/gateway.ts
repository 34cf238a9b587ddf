import type { StageDeployment } from './deployment.ts'
import type { Functions } from './functions.ts'

/** The HTTP API in front of the API function. CloudFront alone may pass: the function refuses what lacks the origin's secret. */
export const makeGateway = ({ logRetentionDays }: StageDeployment): sst.aws.ApiGatewayV2 =>
  new sst.aws.ApiGatewayV2('Gateway', {
    cors: false,
    transform: {
      logGroup: (args) => {
        args.retentionInDays = logRetentionDays
      },
    },
  })

/**
 * The metrics to the exporter, and all else by one route to the API: any other would match paths as the gateway reads them, not
 * as they were sent.
 */
export function routeGateway(gateway: sst.aws.ApiGatewayV2, { api, exporter }: Functions): void {
  const transform: sst.aws.ApiGatewayV2RouteArgs['transform'] = {
    integration: (args) => {
      args.timeoutMilliseconds = 30_000
    },
  }
  gateway.route('ANY /extensions/v2/metrics', exporter.arn, { name: 'Metrics', transform })
  gateway.route('$default', api.arn, { name: 'Registry', transform })
}
