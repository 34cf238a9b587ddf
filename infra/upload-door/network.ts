export interface Network {
  readonly vpc: aws.ec2.Vpc
  /** Without a route out or in: the load balancer is here, where CloudFront alone reaches it. */
  readonly inner: readonly aws.ec2.Subnet[]
  /** Of the containers, which go out to AWS by addresses of their own; a NAT gateway would cost more than they do. */
  readonly outer: readonly aws.ec2.Subnet[]
  readonly containers: aws.ec2.SecurityGroup
}

const BLOCK = '10.0.0.0/16'
const ANYWHERE = '0.0.0.0/0'
// It holds no data: without this SST would keep the half of it in production.
const GOES = { retainOnDelete: false }
const OUT = [{ protocol: '-1', fromPort: 0, toPort: 0, cidrBlocks: [ANYWHERE] }]

/** Not `sst.aws.Vpc`: that brings a private DNS zone, billed by the month, and lets everything in it talk to everything. */
export function makeNetwork(port: number): Network {
  const tags = { Name: `${$app.name}-${$app.stage}` }
  const vpc = new aws.ec2.Vpc(
    'UploadVpc',
    { cidrBlock: BLOCK, enableDnsHostnames: true, enableDnsSupport: true, tags },
    GOES,
  )
  const internet = new aws.ec2.InternetGateway('UploadInternet', { vpcId: vpc.id, tags })
  const table = new aws.ec2.RouteTable('UploadRoutes', {
    vpcId: vpc.id,
    routes: [{ cidrBlock: ANYWHERE, gatewayId: internet.id }],
    tags,
  })
  const zones = aws.getAvailabilityZonesOutput({ state: 'available' }).names
  const subnets = (name: string, first: number): aws.ec2.Subnet[] =>
    [0, 1].map(
      (i) =>
        new aws.ec2.Subnet(
          `${name}${i + 1}`,
          {
            vpcId: vpc.id,
            availabilityZone: zones.apply((names) => names[i]!),
            cidrBlock: `10.0.${first + i}.0/24`,
            tags,
          },
          GOES,
        ),
    )
  const outer = subnets('UploadOuter', 0)
  outer.forEach(
    (subnet, i) =>
      new aws.ec2.RouteTableAssociation(`UploadOuterRoutes${i + 1}`, {
        subnetId: subnet.id,
        routeTableId: table.id,
      }),
  )
  const containers = new aws.ec2.SecurityGroup('UploadContainers', {
    description: 'The containers of the upload door, reached from within the VPC',
    vpcId: vpc.id,
    ingress: [{ protocol: 'tcp', fromPort: port, toPort: port, cidrBlocks: [BLOCK] }],
    egress: OUT,
  })
  return { vpc, inner: subnets('UploadInner', 10), outer, containers }
}
