/** The token keys of a registry in the cloud: a key set in the parameter store, encrypted there (SecureString). */
import {
  GetParameterCommand,
  ParameterAlreadyExists,
  ParameterNotFound,
  PutParameterCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm'
import { StorageError } from '@sluice/core/ports/storage-error'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SigningKeyStore } from '../identity/signing-key-store.ts'
import { SigningKeysError } from '../identity/signing-keys-error.ts'

/** What another opener has just made may take a moment to be read. */
const READS_OF_A_RIVALS = 10
const BETWEEN_READS_MS = 100

/** A standard parameter's. https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html */
const MOST_BYTES = 4096

/** Its methods reject with `StorageError` where the store fails. */
export class SigningKeysParameter implements SigningKeyStore {
  readonly place: string
  readonly keptForMs = 60_000
  readonly #client: SSMClient
  readonly #name: string

  constructor(client: SSMClient, name: string) {
    this.#client = client
    this.#name = name
    this.place = `parameter ${name}`
  }

  async read(): Promise<string | undefined> {
    try {
      const command = new GetParameterCommand({ Name: this.#name, WithDecryption: true })
      return (await this.#client.send(command)).Parameter?.Value ?? ''
    } catch (error) {
      if (error instanceof ParameterNotFound) return undefined
      throw new StorageError('unavailable', `${this.place} cannot be read`, error)
    }
  }

  async create(text: string): Promise<string> {
    try {
      await this.#put(text, false)
      return text
    } catch (error) {
      // Another opener was first, or this one was and its answer got lost: the store's keys are the keys.
      if (error instanceof ParameterAlreadyExists) return this.#readRivals()
      throw new StorageError('unavailable', `${this.place} cannot be written`, error)
    }
  }

  /** Rejects with `SigningKeysError` where the set is more than a parameter holds. */
  async replace(text: string): Promise<void> {
    if (text.length > MOST_BYTES) {
      const problem = `more keys than its ${MOST_BYTES} characters hold; drop one that no token needs`
      throw new SigningKeysError(this.place, problem)
    }
    try {
      await this.#put(text, true)
    } catch (error) {
      throw new StorageError('unavailable', `${this.place} cannot be written`, error)
    }
  }

  async #put(text: string, overwrite: boolean): Promise<void> {
    const parameter = { Name: this.#name, Value: text, Type: 'SecureString' } as const
    await this.#client.send(new PutParameterCommand({ ...parameter, Overwrite: overwrite }))
  }

  async #readRivals(): Promise<string> {
    for (let reads = 0; reads < READS_OF_A_RIVALS; reads++) {
      const text = await this.read()
      if (text !== undefined) return text
      await sleep(BETWEEN_READS_MS)
    }
    throw new StorageError('unavailable', `${this.place} exists and is not found`, undefined)
  }
}
