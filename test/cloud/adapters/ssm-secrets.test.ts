import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import { SsmSecrets } from '@sluice/adapters/aws/ssm-secrets'
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { CREDENTIALS, REGION } from '../engines/credentials.ts'
import { engineUrls } from '../engines/engines.ts'

const ssmClient = (endpoint = engineUrls().moto) =>
  new SSMClient({ endpoint, region: REGION, credentials: CREDENTIALS, maxAttempts: 1 })

describe('secrets in the parameter store', () => {
  const client = ssmClient()
  const stage = `/sluice/${randomUUID()}`
  const secrets = new SsmSecrets(client, `${stage}/secrets`)

  const put = (name: string, Value: string) =>
    client.send(
      new PutParameterCommand({
        Name: `${stage}/${name}`,
        Value,
        Type: 'SecureString',
        Overwrite: true,
      }),
    )

  it('are what they say now, decrypted, without the line break of an editor', async () => {
    await put('secrets/docker-hub', 'robot:s3cret\n')
    expect(await secrets.read('docker-hub')).toBe('robot:s3cret')
    await put('secrets/docker-hub', 'robot:other')
    expect(await secrets.read('docker-hub')).toBe('robot:other')
  })

  it('are none where nobody put one', async () => {
    expect(await secrets.read('unknown')).toBeUndefined()
  })

  it('are none of another folder', async () => {
    await put('signing-keys', 'keys')
    await put('secrets/deep/down', 'deep')
    for (const name of ['../signing-keys', 'deep/down', '/etc', '', 'Upper', 'a:2']) {
      expect(await secrets.read(name)).toBeUndefined()
    }
  })

  it('cannot be read where the store does not answer, and the failure shows nothing of them', async () => {
    const down = new SsmSecrets(ssmClient('http://127.0.0.1:1'), '/sluice/secrets')
    await expect(down.read('docker-hub')).rejects.toMatchObject({
      name: 'StorageError',
      reason: 'unavailable',
      message: 'parameter /sluice/secrets/docker-hub cannot be read',
    })
  })
})
