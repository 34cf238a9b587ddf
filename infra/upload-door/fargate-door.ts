import type { StageDeployment } from '../deployment.ts'
import { registryGrants } from '../grants.ts'
import { policyDocument } from '../policy-document.ts'
import type { Stores } from '../stores.ts'
import { makeNetwork } from './network.ts'
import { ORIGIN_READ_TIMEOUT, type UploadOrigin } from './upload-origin.ts'

const PORT = 8080

/** As all doors' are named. */
const logGroup = (): string => `/${$app.name}/${$app.stage}/upload-door`

/** CloudFront's servers, as AWS keeps their addresses. */
const EDGE = 'com.amazonaws.global.cloudfront.origin-facing'

/** Lets uploads under way end; the door itself waits for them a little less. */
const STOP_SECONDS = 120

/**
 * The upload door as a container: `packages/server` behind a load balancer that has no public address. CloudFront reaches it
 * through the VPC, so that the way is private and needs no certificate.
 */
export function makeFargateDoor(
  deployment: StageDeployment,
  stores: Stores,
  environment: Record<string, $util.Input<string>>,
): UploadOrigin {
  const { cpu, memory, min, max } = deployment.fargate
  const { vpc, inner, outer, containers } = makeNetwork(PORT)
  const cluster = new sst.aws.Cluster('UploadCluster', {
    vpc: {
      id: vpc.id,
      securityGroups: [containers.id],
      containerSubnets: outer.map((subnet) => subnet.id),
      loadBalancerSubnets: inner.map((subnet) => subnet.id),
    },
  })
  const service = new sst.aws.Service('UploadDoor', {
    cluster,
    architecture: 'arm64',
    cpu,
    memory,
    image: { context: '.', dockerfile: 'infra/upload-door/Dockerfile' },
    environment: {
      ...environment,
      AWS_REGION: deployment.region,
      SLUICE_ADDRESS: '0.0.0.0',
      SLUICE_PORT: `${PORT}`,
    },
    logging: { name: logGroup() },
    loadBalancer: {
      public: false,
      rules: [{ listen: '80/http', forward: `${PORT}/http` }],
      health: {
        [`${PORT}/http`]: {
          path: '/healthz',
          interval: '10 seconds',
          healthyThreshold: 2,
          unhealthyThreshold: 3,
        },
      },
    },
    scaling: { min, max, cpuUtilization: 60, memoryUtilization: 70 },
    transform: {
      // SST's own let a shell in (ECS Exec) and read every parameter and secret of the account.
      taskRole: (args) => {
        args.inlinePolicies = [{ name: 'inline', policy: policyDocument(registryGrants(stores)) }]
      },
      executionRole: (args) => {
        args.inlinePolicies = []
      },
      service: (args) => {
        args.enableExecuteCommand = false
        args.healthCheckGracePeriodSeconds = 30
        args.networkConfiguration = {
          assignPublicIp: true,
          subnets: outer.map((subnet) => subnet.id),
          securityGroups: [containers.id],
        }
      },
      taskDefinition: (args) => {
        args.containerDefinitions = $util
          .output(args.containerDefinitions)
          .apply((definitions) => withoutTerminal(definitions))
      },
      logGroup: (args) => {
        args.retentionInDays = deployment.logRetentionDays
      },
      loadBalancerSecurityGroup: (args) => {
        const edge = aws.ec2.getManagedPrefixListOutput({ name: EDGE }).id
        args.ingress = [{ protocol: 'tcp', fromPort: 80, toPort: 80, prefixListIds: [edge] }]
        args.egress = [
          { protocol: 'tcp', fromPort: PORT, toPort: PORT, securityGroups: [containers.id] },
        ]
      },
      loadBalancer: (args) => {
        args.idleTimeout = 120
      },
    },
  })
  const { loadBalancer } = service.nodes
  const way = new aws.cloudfront.VpcOrigin('UploadWay', {
    vpcOriginEndpointConfig: {
      name: `${$app.name}-${$app.stage}-upload-door`,
      arn: loadBalancer.arn,
      httpPort: 80,
      httpsPort: 443,
      originProtocolPolicy: 'http-only',
      originSslProtocols: { items: ['TLSv1.2'], quantity: 1 },
    },
  })
  return {
    origin: {
      domainName: loadBalancer.dnsName,
      vpcOriginConfig: {
        vpcOriginId: way.id,
        originReadTimeout: ORIGIN_READ_TIMEOUT,
        originKeepaliveTimeout: ORIGIN_READ_TIMEOUT,
      },
    },
    unwell: 'no container of the upload door is healthy',
    health: {
      namespace: 'AWS/ApplicationELB',
      metricName: 'HealthyHostCount',
      dimensions: { LoadBalancer: loadBalancer.arnSuffix, TargetGroup: targetGroupOf(service) },
      statistic: 'Minimum',
      threshold: 1,
      comparisonOperator: 'LessThanThreshold',
      treatMissingData: 'breaching',
    },
    // SST makes the group with what writes to it, and keeps it to itself.
    logGroup: service.nodes.taskDefinition.apply(() => logGroup()),
  }
}

/** As CloudWatch names it: the end of its ARN. */
const targetGroupOf = (service: sst.aws.Service): $util.Output<string> =>
  service.nodes.service.loadBalancers.apply((balancers) => {
    const arn = balancers?.[0]?.targetGroupArn
    if (arn === undefined) throw new Error('the upload door has no target group')
    return arn.slice(arn.lastIndexOf(':') + 1)
  })

/** A terminal would end each line of the log with a carriage return. */
function withoutTerminal(definitions: string): string {
  const containers = JSON.parse(definitions) as Record<string, unknown>[]
  return JSON.stringify(
    containers.map((container) => ({
      ...container,
      pseudoTerminal: false,
      stopTimeout: STOP_SECONDS,
      portMappings: [{ containerPort: PORT }],
    })),
  )
}
