import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import { SigningKeysParameter } from '@sluice/adapters/aws/signing-keys-parameter'
import type { SigningKeys } from '@sluice/adapters/identity/signing-keys'
import { SigningKeysError } from '@sluice/adapters/identity/signing-keys-error'
import { StoredKeyRing } from '@sluice/adapters/identity/stored-key-ring'
import { StorageError } from '@sluice/core/ports/storage-error'
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { describeSigningKeyStore } from '../../contracts/signing-key-store.ts'
import { CREDENTIALS, REGION } from '../engines/credentials.ts'
import { engineUrls } from '../engines/engines.ts'

const KEYS = fileURLToPath(import.meta.resolve('@sluice/server/keys'))

const run = promisify(execFile)

const ssmClient = (endpoint = engineUrls().moto) =>
  new SSMClient({ endpoint, region: REGION, credentials: CREDENTIALS, maxAttempts: 1 })

const newName = () => `/sluice/${randomUUID()}/keys`

const keysIn = async (client: SSMClient, name: string): Promise<SigningKeys> =>
  new StoredKeyRing(
    new SigningKeysParameter(client, name),
    { now: () => 1e12 },
    () => undefined,
  ).keys()

const valueOf = async (client: SSMClient, Name: string): Promise<string> => {
  const found = await client.send(new GetParameterCommand({ Name, WithDecryption: true }))
  return found.Parameter?.Value ?? ''
}

describe('the parameter of signing keys', () => {
  it('is made with one key, encrypted in the store', async () => {
    const client = ssmClient()
    const name = newName()
    const keys = await keysIn(client, name)
    expect(keys.publicKeys.size).toBe(1)
    const raw = await client.send(new GetParameterCommand({ Name: name }))
    expect(raw.Parameter).toMatchObject({ Type: 'SecureString', Version: 1 })
    // The stand-in names the key by which the store would have encrypted it.
    expect(raw.Parameter?.Value).toMatch(/^kms:alias\/aws\/ssm:/)
    expect(await valueOf(client, name)).toMatch(/^\{/)
  })

  it('gives the loser of a race for the first key the keys of the winner', async () => {
    const name = newName()
    const slow = ssmClient()
    let winner: SigningKeys | undefined
    // Has found nothing by now, and is overtaken before it writes.
    slow.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName === 'PutParameterCommand') {
          winner = await keysIn(ssmClient(), name)
        }
        return next(args)
      },
      { step: 'initialize' },
    )
    const loser = await keysIn(slow, name)
    expect(winner).toBeDefined()
    expect(loser.current.kid).toBe(winner?.current.kid)
    const raw = await slow.send(new GetParameterCommand({ Name: name }))
    expect(raw.Parameter?.Version).toBe(1)
  })

  it('gives many that open at once the same keys', async () => {
    const name = newName()
    const opened = await Promise.all(Array.from({ length: 8 }, () => keysIn(ssmClient(), name)))
    expect(new Set(opened.map(({ current }) => current.kid)).size).toBe(1)
  })

  it('refuses more keys than a parameter holds, before the store does', async () => {
    const client = ssmClient()
    const name = newName()
    await keysIn(client, name)
    const text = await valueOf(client, name)
    const full = new SigningKeysParameter(client, name).replace('x'.repeat(4097))
    await expect(full).rejects.toThrow(SigningKeysError)
    await expect(full).rejects.toThrow('drop one that no token needs')
    expect(await valueOf(client, name)).toBe(text)
  })

  it('is listed and rotated by the command', async () => {
    const name = newName()
    const keys = await keysIn(ssmClient(), name)
    const env = {
      ...process.env,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      AWS_ENDPOINT_URL_SSM: engineUrls().moto,
    }
    const command = (verb: string) => run(process.execPath, [KEYS, verb, name], { env })
    expect((await command('list')).stdout).toBe(`${keys.current.kid}  signs\n`)
    const { stdout: rotated } = await command('rotate')
    expect(rotated).toMatch(/^[\w-]{43} {2}published; signs from \S+Z\n$/)
    expect((await command('list')).stdout).toBe(`${rotated}${keys.current.kid}  signs\n`)
    const raw = await ssmClient().send(new GetParameterCommand({ Name: name }))
    expect(raw.Parameter).toMatchObject({ Type: 'SecureString', Version: 2 })
  })

  it('refuses a parameter that holds no keys, and leaves it as it is', async () => {
    const client = ssmClient()
    const name = newName()
    const Value = 'a secret that is no key'
    await client.send(new PutParameterCommand({ Name: name, Value, Type: 'SecureString' }))
    const opening = keysIn(client, name)
    await expect(opening).rejects.toThrow(SigningKeysError)
    await expect(opening).rejects.toThrow(`parameter ${name}: is not JSON`)
    await expect(opening).rejects.not.toThrow('secret')
    expect(await valueOf(client, name)).toBe(Value)
  })

  it('says that the store is unavailable when it is', async () => {
    const opening = keysIn(ssmClient('http://127.0.0.1:1'), newName())
    await expect(opening).rejects.toThrow(StorageError)
    await expect(opening).rejects.toMatchObject({ reason: 'unavailable' })
  })
})

describeSigningKeyStore(async () => {
  const name = newName()
  return () => new SigningKeysParameter(ssmClient(), name)
})
