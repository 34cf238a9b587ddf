import { basename, dirname } from 'node:path'
import type { GatewayRules } from '../gateway-rules.ts'

export interface FunctionUnderTest {
  /** The bundle: a module that exports `handler`. */
  readonly file: string
  readonly handler: string
  /** All that the function is told, besides what Lambda sets. Nothing of this process's own environment reaches it. */
  readonly env: Readonly<Record<string, string>>
  /** The runtime client's module. */
  readonly client: string
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
export function environmentVariables(
  { file, handler, env }: FunctionUnderTest,
  rules: GatewayRules,
  runtimePort: number,
): Record<string, string> {
  return {
    AWS_REGION: 'us-east-1',
    ...env,
    PATH: process.env['PATH'] ?? '',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(rules.memoryMb),
    AWS_LAMBDA_FUNCTION_NAME: 'sluice',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/sluice',
    AWS_LAMBDA_LOG_STREAM_NAME: 'stream',
    AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${runtimePort}`,
    LAMBDA_TASK_ROOT: dirname(file),
    _HANDLER: `${basename(file).split('.', 1)[0]}.${handler}`,
  }
}
