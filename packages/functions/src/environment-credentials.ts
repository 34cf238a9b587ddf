/**
 * Takes the place of the SDK's chain of credential providers in a function's bundle (`infra/bundle-options.ts`): Lambda
 * puts credentials into the environment, fresh for each environment's life, and what else the chain tries (SSO, files,
 * metadata servers) costs each cold start a quarter of its time.
 */
interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** As `@aws-sdk/credential-provider-node` exports it. The provider rejects when the environment has none. */
export const defaultProvider = (): (() => Promise<Credentials>) => async () => {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = process.env
  if (!accessKeyId || !secretAccessKey) {
    throw new Error('the environment has no AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY')
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) }
}
