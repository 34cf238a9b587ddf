import { GetAuthorizationTokenCommand, type ECRClient } from '@aws-sdk/client-ecr'
import type { EcrLogin } from '../upstream/ecr-login.ts'

/** The account's own login to ECR in the client's region. Throws the SDK's errors, and for an answer without a login. */
export async function fetchEcrLogin(client: ECRClient): Promise<EcrLogin> {
  const { authorizationData } = await client.send(new GetAuthorizationTokenCommand({}))
  const { authorizationToken, expiresAt } = authorizationData?.[0] ?? {}
  if (authorizationToken === undefined || expiresAt === undefined) {
    throw new Error('ECR gave no login')
  }
  return { authorizationToken, expiresAt: expiresAt.getTime() }
}
