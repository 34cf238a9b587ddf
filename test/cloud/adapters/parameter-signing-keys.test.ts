import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import { openParameterSigningKeys } from '@sluice/adapters/aws/parameter-signing-keys'
import { JoseRegistryTokens } from '@sluice/adapters/identity/jose-registry-tokens'
import { SigningKeysError } from '@sluice/adapters/identity/signing-key-set'
import type { SigningKeys } from '@sluice/adapters/identity/signing-keys'
import { ANONYMOUS } from '@sluice/core/ports/identity-provider'
import { StorageError } from '@sluice/core/ports/storage-error'
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { CREDENTIALS, REGION } from '../engines/credentials.ts'
import { engineUrls } from '../engines/engines.ts'

const ssmClient = (endpoint = engineUrls().moto) =>
  new SSMClient({ endpoint, region: REGION, credentials: CREDENTIALS, maxAttempts: 1 })

const newName = () => `/sluice/${randomUUID()}/keys`

const tokensWith = (keys: SigningKeys) =>
  new JoseRegistryTokens({ keys, service: 'a', issuer: 'b', clock: { now: () => 1e12 } })

const valueOf = async (client: SSMClient, Name: string): Promise<string> => {
  const found = await client.send(new GetParameterCommand({ Name, WithDecryption: true }))
  return found.Parameter?.Value ?? ''
}

describe('openParameterSigningKeys', () => {
  it('makes one key, encrypted in the store, and finds it again', async () => {
    const client = ssmClient()
    const name = newName()
    const keys = await openParameterSigningKeys(client, name)
    const again = await openParameterSigningKeys(client, name)
    expect(again.current.kid).toBe(keys.current.kid)
    const { token } = await tokensWith(keys).issue({ identity: ANONYMOUS, access: [] })
    expect(await tokensWith(again).verify(token)).toBeDefined()
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
          winner = await openParameterSigningKeys(ssmClient(), name)
        }
        return next(args)
      },
      { step: 'initialize' },
    )
    const loser = await openParameterSigningKeys(slow, name)
    expect(winner).toBeDefined()
    expect(loser.current.kid).toBe(winner?.current.kid)
    const raw = await slow.send(new GetParameterCommand({ Name: name }))
    expect(raw.Parameter?.Version).toBe(1)
  })

  it('gives many that open at once the same keys', async () => {
    const name = newName()
    const opened = await Promise.all(
      Array.from({ length: 8 }, () => openParameterSigningKeys(ssmClient(), name)),
    )
    expect(new Set(opened.map(({ current }) => current.kid)).size).toBe(1)
  })

  it('signs with the first of several keys and verifies with all', async () => {
    const client = ssmClient()
    const name = newName()
    const older = await openParameterSigningKeys(client, name)
    const other = newName()
    const newer = await openParameterSigningKeys(client, other)
    const sets = await Promise.all([other, name].map((name) => valueOf(client, name)))
    const keys = sets.flatMap((text) => (JSON.parse(text) as { keys: unknown[] }).keys)
    const rotated = { Name: name, Value: JSON.stringify({ keys }), Overwrite: true }
    await client.send(new PutParameterCommand({ ...rotated, Type: 'SecureString' }))
    const both = await openParameterSigningKeys(client, name)
    expect(both.current.kid).toBe(newer.current.kid)
    expect([...both.publicKeys.keys()]).toEqual([newer.current.kid, older.current.kid])
    const { token } = await tokensWith(older).issue({ identity: ANONYMOUS, access: [] })
    expect(await tokensWith(both).verify(token)).toBeDefined()
  })

  it('refuses a parameter that holds no keys, and leaves it as it is', async () => {
    const client = ssmClient()
    const name = newName()
    const Value = 'a secret that is no key'
    await client.send(new PutParameterCommand({ Name: name, Value, Type: 'SecureString' }))
    const opening = openParameterSigningKeys(client, name)
    await expect(opening).rejects.toThrow(SigningKeysError)
    await expect(opening).rejects.toThrow(`parameter ${name}: is not JSON`)
    await expect(opening).rejects.not.toThrow('secret')
    expect(await valueOf(client, name)).toBe(Value)
  })

  it('says that the store is unavailable when it is', async () => {
    const opening = openParameterSigningKeys(ssmClient('http://127.0.0.1:1'), newName())
    await expect(opening).rejects.toThrow(StorageError)
    await expect(opening).rejects.toMatchObject({ reason: 'unavailable' })
  })
})
