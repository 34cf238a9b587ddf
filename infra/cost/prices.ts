/**
 * What AWS asks in us-east-1, in dollars, without taxes; other regions ask some per cent more. `free` is what it gives to
 * each account every month for ever (trials of a year are left out). Most were not read at AWS itself: look at
 * https://aws.amazon.com/pricing/ before you rely on one.
 */
interface Price {
  readonly dollars: number
  /** How many units that is for. */
  readonly per: number
  readonly unit: string
  /** Units each month. */
  readonly free?: number
  /** Where it was read. */
  readonly source: string
  /** When. */
  readonly date: string
}

const date = '2026-11-22'

export const PRICES = {
  lambdaRequests: {
    dollars: 0.2,
    per: 1e6,
    unit: 'request to a function',
    free: 1e6,
    source: 'aws.amazon.com/lambda/pricing',
    date,
  },
  lambdaGbSeconds: {
    dollars: 0.000_013_333_4,
    per: 1,
    unit: 'GB-second of a function on arm64',
    free: 400_000,
    source: 'aws.amazon.com/lambda/pricing',
    date,
  },
  httpApiRequests: {
    dollars: 1,
    per: 1e6,
    unit: 'request to the HTTP API',
    source: 'apigatewaycost.com, amnic.com, an AWS whitepaper',
    date,
  },
  tableReads: {
    dollars: 0.125,
    per: 1e6,
    unit: 'read of a record of 4 KB, strongly consistent',
    source: "AWS's agent toolkit, calculate_costs.py",
    date,
  },
  tableWrites: {
    dollars: 0.625,
    per: 1e6,
    unit: 'write of a record of 1 KB; two in a transaction',
    source: "AWS's agent toolkit, calculate_costs.py",
    date,
  },
  tableGbMonths: {
    dollars: 0.25,
    per: 1,
    unit: 'GB-month of records',
    free: 25,
    source: "AWS's agent toolkit, calculate_costs.py",
    date,
  },
  s3Gets: {
    dollars: 0.0004,
    per: 1000,
    unit: 'GET of an object',
    source: "devnotes.tech, AWS's agent toolkit",
    date,
  },
  s3Puts: {
    dollars: 0.005,
    per: 1000,
    unit: 'PUT of an object or a part, or a list',
    source: "devnotes.tech, AWS's agent toolkit",
    date,
  },
  queueRequests: {
    dollars: 0.4,
    per: 1e6,
    unit: 'request to SQS',
    free: 1e6,
    source: 'commonly said',
    date: '2026-11-27',
  },
  s3GbMonths: {
    dollars: 0.023,
    per: 1,
    unit: 'GB-month of blobs',
    source: "devnotes.tech, AWS's agent toolkit",
    date,
  },
  gbOut: {
    dollars: 0.09,
    per: 1,
    unit: 'GB out to the internet (none within the region)',
    free: 100,
    source: "devnotes.tech, AWS's agent toolkit",
    date,
  },
  edgeRequests: {
    dollars: 0.01,
    per: 10_000,
    unit: 'HTTPS request to CloudFront',
    free: 10e6,
    source: 'kindatechnical.com (price), aws.amazon.com/cloudfront/pricing (free)',
    date: '2026-11-25',
  },
  edgeFunctions: {
    dollars: 0.1,
    per: 1e6,
    unit: 'run of a CloudFront Function',
    free: 2e6,
    source: 'cur.vantage.sh (price), aws.amazon.com/cloudfront/pricing (free)',
    date: '2026-11-25',
  },
  logGb: {
    dollars: 0.5,
    per: 1,
    unit: 'GB of log taken in',
    source: "AWS's agent toolkit",
    date,
  },
  customMetrics: {
    dollars: 0.3,
    per: 1,
    unit: "metric of one's own for a month, by the hours in which it was told of",
    free: 10,
    source: 'commonly said',
    date: '2026-11-27',
  },
  dashboards: {
    dollars: 3,
    per: 1,
    unit: 'dashboard for a month',
    free: 3,
    source: 'commonly said',
    date: '2026-11-27',
  },
  alarms: {
    dollars: 0.1,
    per: 1,
    unit: 'alarm for a month',
    free: 10,
    source: 'c3x.dev (price); ten free: commonly said',
    date: '2026-11-25',
  },
  balancerHours: {
    dollars: 0.0225,
    per: 1,
    unit: 'hour of a load balancer',
    source: 'commonly said; fortem.dev has $22 a month with traffic',
    date,
  },
  containerCpuHours: {
    dollars: 0.032_38,
    per: 1,
    unit: 'hour of a vCPU on arm64 (Fargate)',
    source: 'commonly said: a fifth below x86, for which wring.co and fortem.dev agree',
    date,
  },
  containerGbHours: {
    dollars: 0.003_56,
    per: 1,
    unit: 'hour of a GB of memory on arm64 (Fargate)',
    source: 'commonly said: a fifth below x86, for which wring.co and fortem.dev agree',
    date,
  },
  addressHours: {
    dollars: 0.005,
    per: 1,
    unit: 'hour of a public IPv4 address',
    source: "AWS's agent toolkit",
    date,
  },
} as const satisfies Record<string, Price>

export type Billed = keyof typeof PRICES

/** How much of what is billed a month takes. */
export type Usage = Readonly<Partial<Record<Billed, number>>>
