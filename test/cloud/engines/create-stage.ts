/** What a deployment makes before any door runs: table, bucket, queue, and the administrator's first password. */
import { CreateBucketCommand, S3ServiceException } from '@aws-sdk/client-s3'
import { PutParameterCommand } from '@aws-sdk/client-ssm'
import { NODE_OPTIONS } from '../../../infra/node-options.ts'
import { CREDENTIALS, REGION } from './credentials.ts'
import { createQueue } from './create-queue.ts'
import { createTable } from './create-table.ts'
import { engineClients, type EngineUrls } from './engine-clients.ts'

export interface Stage {
  readonly urls: EngineUrls
  /** A deployment's name, in all names that it makes. */
  readonly name: string
  readonly password: string
  /** Of upstreams, by their names. */
  readonly secrets?: Readonly<Record<string, string>>
  /** Seconds after which a job comes again that nobody has ended; a deployment's without it. */
  readonly jobsHidden?: number
}

/** Answers the environment of its doors, but for what is about the doors themselves. */
export async function createStage(stage: Stage): Promise<Record<string, string>> {
  const { urls, name, password } = stage
  const { dynamodb, s3, sqs, ssm } = engineClients(urls)
  const passwordParameter = `/${name}/admin-password`
  await createTable(dynamodb, name)
  const queueUrl = await createQueue(sqs, name, stage.jobsHidden)
  await s3.send(new CreateBucketCommand({ Bucket: name })).catch((error: unknown) => {
    if (!(error instanceof S3ServiceException) || !error.name.startsWith('BucketAlready'))
      throw error
  })
  const secretsPrefix = `/${name}/secrets`
  const parameters = { [passwordParameter]: password }
  for (const [secret, value] of Object.entries(stage.secrets ?? {})) {
    parameters[`${secretsPrefix}/${secret}`] = value
  }
  for (const [Name, Value] of Object.entries(parameters)) {
    const parameter = { Name, Value, Type: 'SecureString', Overwrite: true } as const
    await ssm.send(new PutParameterCommand(parameter))
  }
  return {
    NODE_OPTIONS,
    SLUICE_TABLE: name,
    SLUICE_BUCKET: name,
    SLUICE_KEYS_PARAMETER: `/${name}/signing-keys`,
    SLUICE_ADMIN_PASSWORD_PARAMETER: passwordParameter,
    SLUICE_QUEUE_URL: queueUrl,
    SLUICE_SECRETS_PREFIX: secretsPrefix,
    SLUICE_S3_PATH_STYLE: 'true',
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    AWS_ENDPOINT_URL_DYNAMODB: urls.dynamodb,
    AWS_ENDPOINT_URL_S3: urls.s3,
    AWS_ENDPOINT_URL_SSM: urls.moto,
    AWS_ENDPOINT_URL_SQS: urls.moto,
  }
}
