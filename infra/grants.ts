/** What each door may do: what its code calls and nothing beside. `test/infra/grants.test.ts` holds every policy to the letter. */
import type { StageDeployment } from './deployment.ts'
import type { Stores } from './stores.ts'

export type Grant = sst.aws.FunctionPermissionArgs

const READ_RECORDS = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query']

/** A transaction has no action of its own: each of its writes needs the action that it would need alone. */
const WRITE_RECORDS = [
  'dynamodb:PutItem',
  'dynamodb:UpdateItem',
  'dynamodb:DeleteItem',
  'dynamodb:ConditionCheckItem',
]

/** Parts and their completion are PutObject; HEAD is GetObject. */
const WRITE_OBJECTS = [
  's3:GetObject',
  's3:PutObject',
  's3:DeleteObject',
  's3:AbortMultipartUpload',
  's3:ListMultipartUploadParts',
]

const REMOVE_OBJECTS = WRITE_OBJECTS.filter((action) => action !== 's3:PutObject')

/** Without the first S3 answers 403 instead of 404 for an object that is missing; what is aborted is found by the second. */
const LIST = ['s3:ListBucket', 's3:ListBucketMultipartUploads']

const on = (resource: $util.Input<string>, actions: string[]): Grant => ({
  actions,
  resources: [resource],
})

const objects = ({ bucket }: Stores): $util.Output<string> => $interpolate`${bucket.arn}/*`

/** To keep the keys that tokens are signed with, which whoever needs them first makes, and to know the administrator. */
const logins = ({ parameters }: Stores): Grant[] => [
  on(parameters.arnOf(parameters.signingKeys), ['ssm:GetParameter', 'ssm:PutParameter']),
  on(parameters.arnOf(parameters.adminPassword), ['ssm:GetParameter']),
]

/** A login to ECR is for whatever its holder may read; only a deployment that reads through ECR has it. */
const ECR = [
  'ecr:GetAuthorizationToken',
  'ecr:BatchCheckLayerAvailability',
  'ecr:BatchGetImage',
  'ecr:GetDownloadUrlForLayer',
  'ecr:ListImages',
]

/** To log in at upstreams. */
const upstreamLogins = (
  { parameters }: Stores,
  { upstreams }: Pick<StageDeployment, 'upstreams'>,
): Grant[] => [
  on(parameters.arnOf(`${parameters.secrets}/*`), ['ssm:GetParameter']),
  ...(upstreams.some(({ credentials }) => credentials?.type === 'ecr') ? [on('*', ECR)] : []),
]

/** Of the API and of the upload door, which are one program. */
export const registryGrants = (stores: Stores): Grant[] => [
  on(stores.table.arn, [...READ_RECORDS, ...WRITE_RECORDS]),
  on(objects(stores), WRITE_OBJECTS),
  on(stores.bucket.arn, LIST),
  on(stores.jobs.arn, ['sqs:SendMessage']),
  ...logins(stores),
]

/** It reads through other registries as well, shows the logs of all doors, and how the queue is. */
export const apiGrants = (stores: Stores, deployment: StageDeployment): Grant[] => [
  ...registryGrants(stores),
  on(stores.parameters.logsArn, ['logs:FilterLogEvents']),
  on(stores.jobs.arn, ['sqs:GetQueueAttributes']),
  on(stores.dead.arn, ['sqs:GetQueueAttributes']),
  ...upstreamLogins(stores, deployment),
]

export const fillGrants = (stores: Stores, deployment: StageDeployment): Grant[] => [
  on(stores.table.arn, [...READ_RECORDS, ...WRITE_RECORDS]),
  on(objects(stores), WRITE_OBJECTS),
  on(stores.bucket.arn, LIST),
  ...upstreamLogins(stores, deployment),
  on(stores.jobs.arn, [
    // A blob that needs more time than it has.
    'sqs:SendMessage',
    'sqs:ReceiveMessage',
    'sqs:DeleteMessage',
    'sqs:ChangeMessageVisibility',
    'sqs:GetQueueAttributes',
  ]),
]

/** The sweeper's and the checker's: they read everything, and write nothing but how far a check has come. */
export const sweepGrants = (stores: Stores): Grant[] => [
  on(stores.table.arn, [...READ_RECORDS, ...WRITE_RECORDS, 'dynamodb:Scan']),
  on(objects(stores), REMOVE_OBJECTS),
  on($interpolate`${stores.bucket.arn}/checks/*`, ['s3:PutObject']),
  on(stores.bucket.arn, LIST),
]

/** It lets in whom the API lets in, tells how many jobs wait, and touches no object. By the last, lines that it failed at are kept and come again. */
export const exporterGrants = (stores: Stores): Grant[] => [
  on(stores.table.arn, [...READ_RECORDS, ...WRITE_RECORDS]),
  on(stores.jobs.arn, ['sqs:GetQueueAttributes']),
  ...logins(stores),
  on(stores.uncounted.arn, [
    'sqs:SendMessage',
    'sqs:ReceiveMessage',
    'sqs:DeleteMessage',
    'sqs:GetQueueAttributes',
  ]),
]

/** To write to one log group, which is there already: no function makes its own. */
export const logGrants = (group: aws.cloudwatch.LogGroup): Grant[] => [
  on($interpolate`${group.arn}:*`, ['logs:CreateLogStream', 'logs:PutLogEvents']),
]
