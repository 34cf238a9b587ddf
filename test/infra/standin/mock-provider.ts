/** Answers for AWS's provider: what a resource would have become, and what a look-up would have found. */
export interface Asked {
  readonly type: string
  readonly name: string
  readonly inputs: Readonly<Record<string, unknown>>
}

const ACCOUNT = '123456789012'

export function madeOf({ type, name: logicalName, inputs }: Asked): {
  readonly id: string
  readonly state: Record<string, unknown>
} {
  const given = [inputs['name'], inputs['bucket']].find((value) => typeof value === 'string')
  const name = typeof given === 'string' ? given : logicalName
  return {
    id: `${name}-id`,
    state: {
      ...inputs,
      name,
      bucket: inputs['bucket'] ?? name,
      arn: `arn:aws:standin:eu-west-1:${ACCOUNT}:${type.split(':').at(-1)}/${logicalName}`,
      arnSuffix: `standin/${logicalName}`,
      url: `https://${logicalName}.queue.standin.test`,
      apiEndpoint: `https://${logicalName.toLowerCase()}.execute-api.standin.test`,
      executionArn: `arn:aws:execute-api:eu-west-1:${ACCOUNT}:${logicalName}`,
      domainName: `${logicalName.toLowerCase()}.cloudfront.standin.test`,
      dnsName: `${logicalName.toLowerCase()}.elb.standin.test`,
      hostedZoneId: 'ZSTANDIN',
      zoneId: 'ZSTANDIN',
      domainValidationOptions: [
        { resourceRecordName: '_a', resourceRecordType: 'CNAME', resourceRecordValue: 'b' },
      ],
      versionId: 'version-1',
      result: 'a-generated-secret',
      digest: 'sha256:0',
      base64: Buffer.alloc(32).toString('base64'),
      // Cloud Control's own.
      properties: JSON.stringify({ RevisionId: 'revision-1', DomainName: 'door.standin.test' }),
    },
  }
}

/** As SST and our own code look things up; whatever else is asked for finds what it asked with. */
export function found(token: string, inputs: Readonly<Record<string, unknown>>): object {
  switch (token.slice(token.lastIndexOf(':') + 1)) {
    case 'getRegion':
      return { region: 'eu-west-1', name: 'eu-west-1', id: 'eu-west-1' }
    case 'getCallerIdentity':
      return { accountId: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:user/standin` }
    case 'getPartition':
      return { partition: 'aws', dnsSuffix: 'amazonaws.com' }
    case 'getAvailabilityZones':
      return { names: ['eu-west-1a', 'eu-west-1b'] }
    case 'getManagedPrefixList':
      return { id: `pl-${String(inputs['name'])}` }
    case 'getPolicyDocument':
      return { ...inputs, json: policyJson(inputs['statements']) }
    default:
      return inputs
  }
}

interface Statement {
  readonly effect?: string
  readonly actions: readonly string[]
  readonly resources?: readonly string[]
  readonly principals?: readonly object[]
  readonly conditions?: readonly object[]
}

const policyJson = (statements: unknown): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: ((statements ?? []) as readonly Statement[]).map((statement) => ({
      Effect: statement.effect ?? 'Allow',
      Action: statement.actions,
      Resource: statement.resources,
      Principal: statement.principals,
      Condition: statement.conditions,
    })),
  })
