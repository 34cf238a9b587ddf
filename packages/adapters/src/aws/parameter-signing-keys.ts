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
import { createKeySet, parseKeySet } from '../identity/signing-key-set.ts'
import type { SigningKeys } from '../identity/signing-keys.ts'

/** What another opener has just made may take a moment to be read. */
const READS_OF_A_RIVALS = 10
const BETWEEN_READS_MS = 100

/**
 * Reads the keys, or makes the parameter with one new key where there is none; of several openers that do so at once all
 * get the same. Throws `SigningKeysError` where the parameter holds no keys, `StorageError` where the store fails.
 */
export async function openParameterSigningKeys(
  client: SSMClient,
  name: string,
): Promise<SigningKeys> {
  const text = (await read(client, name)) ?? (await create(client, name))
  return parseKeySet(`parameter ${name}`, text)
}

async function read(client: SSMClient, name: string): Promise<string | undefined> {
  try {
    const command = new GetParameterCommand({ Name: name, WithDecryption: true })
    return (await client.send(command)).Parameter?.Value ?? ''
  } catch (error) {
    if (error instanceof ParameterNotFound) return undefined
    throw new StorageError('unavailable', `parameter ${name} cannot be read`, error)
  }
}

async function create(client: SSMClient, name: string): Promise<string> {
  const text = await createKeySet()
  try {
    const parameter = { Name: name, Value: text, Type: 'SecureString' } as const
    await client.send(new PutParameterCommand({ ...parameter, Overwrite: false }))
    return text
  } catch (error) {
    // Another opener was first, or this one was and its answer got lost: the store's keys are the keys.
    if (error instanceof ParameterAlreadyExists) return readRivals(client, name)
    throw new StorageError('unavailable', `parameter ${name} cannot be written`, error)
  }
}

async function readRivals(client: SSMClient, name: string): Promise<string> {
  for (let reads = 0; reads < READS_OF_A_RIVALS; reads++) {
    const text = await read(client, name)
    if (text !== undefined) return text
    await sleep(BETWEEN_READS_MS)
  }
  throw new StorageError('unavailable', `parameter ${name} exists and is not found`, undefined)
}
