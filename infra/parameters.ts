export interface Parameters {
  /** Made by the first function that needs them, never overwritten. */
  readonly signingKeys: string
  readonly adminPassword: string
  /** Of what the owner puts there: the secrets of upstreams. */
  readonly secrets: string
  readonly arnOf: (name: string) => $util.Output<string>
  /** Of the log groups of all doors (`log-group.ts`). */
  readonly logsArn: $util.Output<string>
}

/** Both under the account's own key for parameters, whose policy lets through whoever may read the parameter: no grant on KMS. */
export function makeParameters(): Parameters {
  const folder = `/${$app.name}/${$app.stage}`
  const adminPassword = `${folder}/admin-password`
  new aws.ssm.Parameter('AdminPasswordParameter', {
    name: adminPassword,
    description: 'First password of the administrator, kubeadmin',
    type: 'SecureString',
    value: new sst.Secret('AdminPassword').value,
  })
  const { accountId } = aws.getCallerIdentityOutput()
  const { partition } = aws.getPartitionOutput()
  const { region } = aws.getRegionOutput()
  return {
    signingKeys: `${folder}/signing-keys`,
    adminPassword,
    secrets: `${folder}/secrets`,
    logsArn: $interpolate`arn:${partition}:logs:${region}:${accountId}:log-group:${folder}/*`,
    arnOf: (name) => $interpolate`arn:${partition}:ssm:${region}:${accountId}:parameter${name}`,
  }
}
