/** Secrets in the cloud: a parameter each (SecureString), named for the secret, under a prefix that its owner writes to. */
import { GetParameterCommand, ParameterNotFound, type SSMClient } from '@aws-sdk/client-ssm'
import type { Secrets } from '@sluice/core/ports/secrets'
import { StorageError } from '@sluice/core/ports/storage-error'

/** Never one of another prefix. */
const NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/

export class SsmSecrets implements Secrets {
  readonly #client: SSMClient
  readonly #prefix: string

  /** `prefix`: `/sluice/production/secrets`. */
  constructor(client: SSMClient, prefix: string) {
    this.#client = client
    this.#prefix = prefix
  }

  /** A line break at its end is not part of it. Throws `StorageError` where the parameter store cannot be asked. */
  async read(name: string): Promise<string | undefined> {
    if (!NAME.test(name)) return undefined
    const Name = `${this.#prefix}/${name}`
    try {
      const command = new GetParameterCommand({ Name, WithDecryption: true })
      const found = await this.#client.send(command)
      return found.Parameter?.Value?.replace(/\r?\n$/, '')
    } catch (error) {
      if (error instanceof ParameterNotFound) return undefined
      throw new StorageError('unavailable', `parameter ${Name} cannot be read`, error)
    }
  }
}
