/** Every command that an adapter sends is one that the doors may send: policies are not seen to bite before AWS does. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { actionsOf } from './expect-roles.ts'

const ADAPTERS = join(import.meta.dirname, '../../packages/adapters/src/aws')

/** https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  BatchGetItemCommand: ['dynamodb:BatchGetItem'],
  GetItemCommand: ['dynamodb:GetItem'],
  QueryCommand: ['dynamodb:Query'],
  ScanCommand: ['dynamodb:Scan'],
  TransactWriteItemsCommand: [
    'dynamodb:ConditionCheckItem',
    'dynamodb:DeleteItem',
    'dynamodb:PutItem',
    'dynamodb:UpdateItem',
  ],
  FilterLogEventsCommand: ['logs:FilterLogEvents'],
  GetAuthorizationTokenCommand: ['ecr:GetAuthorizationToken'],
  AbortMultipartUploadCommand: ['s3:AbortMultipartUpload'],
  CompleteMultipartUploadCommand: ['s3:PutObject'],
  CreateMultipartUploadCommand: ['s3:PutObject'],
  DeleteObjectCommand: ['s3:DeleteObject'],
  DeleteObjectsCommand: ['s3:DeleteObject'],
  GetObjectCommand: ['s3:GetObject'],
  HeadObjectCommand: ['s3:GetObject'],
  ListMultipartUploadsCommand: ['s3:ListBucketMultipartUploads'],
  ListObjectsV2Command: ['s3:ListBucket'],
  ListPartsCommand: ['s3:ListMultipartUploadParts'],
  PutObjectCommand: ['s3:PutObject'],
  UploadPartCommand: ['s3:PutObject'],
  GetParameterCommand: ['ssm:GetParameter'],
  PutParameterCommand: ['ssm:PutParameter'],
  GetQueueAttributesCommand: ['sqs:GetQueueAttributes'],
  SendMessageCommand: ['sqs:SendMessage'],
}

const sent = new Set(
  readdirSync(ADAPTERS).flatMap(
    (file) => readFileSync(join(ADAPTERS, file), 'utf8').match(/\b[A-Z]\w+Command\b/g) ?? [],
  ),
)

describe('what the adapters send', () => {
  it('is known by its action', () => {
    expect(sent.size).toBeGreaterThan(12)
    expect([...sent].filter((command) => !Object.hasOwn(ACTIONS, command))).toEqual([])
  })

  it('may be sent by the API; a scan by the sweep alone, a login to ECR where an upstream is there', () => {
    const needed = [...sent].flatMap((command) => ACTIONS[command] ?? [])
    const others = needed.filter((action) => !actionsOf('ApiRole').includes(action))
    expect(others.toSorted()).toEqual(['dynamodb:Scan', 'ecr:GetAuthorizationToken'])
    expect(actionsOf('SweepRole')).toContain('dynamodb:Scan')
  })
})
