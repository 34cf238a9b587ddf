import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm'
import { StorageError } from '@sluice/core/ports/storage-error'

/** A SecureString of the parameter store, decrypted. Its value is never part of an error. */
export async function readSecretParameter(client: SSMClient, name: string): Promise<string> {
  const command = new GetParameterCommand({ Name: name, WithDecryption: true })
  const found = await client.send(command).catch((cause: unknown) => {
    throw new StorageError('unavailable', `parameter ${name} cannot be read`, cause)
  })
  const value = found.Parameter?.Value
  if (value) return value
  throw new StorageError('unavailable', `parameter ${name} is empty`, undefined)
}
