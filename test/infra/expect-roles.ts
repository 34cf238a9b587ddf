import { expect } from 'vitest'
import { allOf, type Graph } from './resource-graph.ts'
import { rolePolicy } from './role-policy.ts'

const RECORDS = [
  'dynamodb:BatchGetItem',
  'dynamodb:ConditionCheckItem',
  'dynamodb:DeleteItem',
  'dynamodb:GetItem',
  'dynamodb:PutItem',
  'dynamodb:Query',
  'dynamodb:UpdateItem',
]
const OBJECTS = [
  's3:AbortMultipartUpload',
  's3:DeleteObject',
  's3:GetObject',
  's3:ListMultipartUploadParts',
  's3:PutObject',
]
const LIST = ['s3:ListBucket', 's3:ListBucketMultipartUploads']
const LOG = ['logs:CreateLogStream', 'logs:PutLogEvents']

const logins = (stage: string): Record<string, readonly string[]> => ({
  [`parameter/sluice/${stage}/signing-keys`]: ['ssm:GetParameter', 'ssm:PutParameter'],
  [`parameter/sluice/${stage}/admin-password`]: ['ssm:GetParameter'],
})

const secrets = (stage: string): Record<string, readonly string[]> => ({
  [`parameter/sluice/${stage}/secrets/*`]: ['ssm:GetParameter'],
})

/** Of the API and the upload door. */
const registry = (stage: string): Record<string, readonly string[]> => ({
  'Table/RecordsTable': RECORDS,
  'Bucket/BlobsBucket/*': OBJECTS,
  'Bucket/BlobsBucket': LIST,
  'Queue/JobsQueue': ['sqs:SendMessage'],
  ...logins(stage),
})

const ROLES: Readonly<Record<string, (stage: string) => Record<string, readonly string[]>>> = {
  ApiRole: (stage) => ({
    ...registry(stage),
    'Queue/JobsQueue': ['sqs:GetQueueAttributes', 'sqs:SendMessage'],
    'Queue/DeadJobsQueue': ['sqs:GetQueueAttributes'],
    ...secrets(stage),
    [`log-group:/sluice/${stage}/*`]: ['logs:FilterLogEvents'],
    'LogGroup/ApiLogs:*': LOG,
  }),
  FillRole: (stage) => ({
    ...secrets(stage),
    'Table/RecordsTable': RECORDS,
    'Bucket/BlobsBucket/*': OBJECTS,
    'Bucket/BlobsBucket': LIST,
    'Queue/JobsQueue': [
      'sqs:ChangeMessageVisibility',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:ReceiveMessage',
      'sqs:SendMessage',
    ],
    'LogGroup/FillLogs:*': LOG,
  }),
  SweepRole: () => ({
    'Table/RecordsTable': [...RECORDS, 'dynamodb:Scan'].toSorted(),
    'Bucket/BlobsBucket/*': OBJECTS.filter((action) => action !== 's3:PutObject'),
    'Bucket/BlobsBucket/checks/*': ['s3:PutObject'],
    'Bucket/BlobsBucket': LIST,
    'LogGroup/SweepLogs:*': LOG,
  }),
  ExporterRole: (stage) => ({
    'Table/RecordsTable': RECORDS,
    'Queue/JobsQueue': ['sqs:GetQueueAttributes'],
    'Queue/UncountedQueue': [
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:ReceiveMessage',
      'sqs:SendMessage',
    ],
    ...logins(stage),
    'LogGroup/ExporterLogs:*': LOG,
  }),
  SweepScheduleRole: () => ({ 'Function/SweepFunction': ['lambda:InvokeFunction'] }),
  UploadDoorTaskRole: registry,
  // Pulls the image and writes the log; it is not the program's.
  UploadDoorExecutionRole: () => ({
    managed: ['arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy'],
  }),
  UploadDoorRole: (stage) => ({ ...registry(stage), 'LogGroup/UploadDoorLogs:*': LOG }),
}

/** All that a role may do, wherever. */
export const actionsOf = (role: string): readonly string[] =>
  Object.values(ROLES[role]?.('dev') ?? {}).flat()

const TRUSTED: Readonly<Record<string, string>> = {
  SweepScheduleRole: 'scheduler.amazonaws.com',
  UploadDoorTaskRole: 'ecs-tasks.amazonaws.com',
  UploadDoorExecutionRole: 'ecs-tasks.amazonaws.com',
}

const READS_THROUGH = ['ApiRole', 'FillRole']
const ECR = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:BatchGetImage',
  'ecr:GetAuthorizationToken',
  'ecr:GetDownloadUrlForLayer',
  'ecr:ListImages',
]

/** Every role of the graph to the letter, with an upstream in ECR or without. Fails for a role that nobody expects. */
export function expectGrants(graph: Graph, stage: string, { ecr = false } = {}): void {
  const roles = allOf(graph, 'Role').map(({ name }) => name)
  expect(roles.length).toBeGreaterThanOrEqual(5)
  for (const role of roles) {
    const more = ecr && READS_THROUGH.includes(role) ? { '*': ECR } : {}
    expect(rolePolicy(graph, role), role).toEqual({ ...ROLES[role]?.(stage), ...more })
  }
}

/** Each role is taken on by one service and by nobody else. */
export function expectTrust(graph: Graph): void {
  const roles = allOf(graph, 'Role')
  expect(roles.length).toBeGreaterThanOrEqual(5)
  for (const { name, inputs } of roles) {
    expect(inputs['assumeRolePolicy'], name).toMatchObject({
      Statement: [
        {
          Effect: 'Allow',
          Action: 'sts:AssumeRole',
          Principal: { Service: TRUSTED[name] ?? 'lambda.amazonaws.com' },
        },
      ],
    })
  }
}
