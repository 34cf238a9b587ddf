import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { JoseRegistryTokens } from '@sluice/adapters/identity/jose-registry-tokens'
import type { SigningKeys } from '@sluice/adapters/identity/signing-keys'
import { openSigningKeysFile, SigningKeysError } from '@sluice/adapters/local/signing-keys-file'
import { ANONYMOUS } from '@sluice/core/ports/identity-provider'

interface KeySet {
  keys: Record<string, unknown>[]
}

const tokensWith = (keys: SigningKeys) =>
  new JoseRegistryTokens({ keys, service: 'a', issuer: 'b', clock: { now: () => 1e12 } })

const openingError = (file: string): Promise<unknown> =>
  openSigningKeysFile(file).then(
    () => undefined,
    (error: unknown) => error,
  )

describe('openSigningKeysFile', () => {
  let directory: string
  let file: string

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sluice-keys-'))
    file = join(directory, 'new', 'keys.json')
  })
  afterEach(() => rm(directory, { recursive: true }))

  const readSet = async (): Promise<KeySet> => {
    const set: KeySet = JSON.parse(await readFile(file, 'utf8'))
    return set
  }

  it('makes one key that only its owner can read, and finds it again', async () => {
    const keys = await openSigningKeysFile(file)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await readdir(join(directory, 'new'))).toEqual(['keys.json'])
    const again = await openSigningKeysFile(file)
    expect(again.current.kid).toBe(keys.current.kid)
    const { token } = await tokensWith(keys).issue({ identity: ANONYMOUS, access: [] })
    expect(await tokensWith(again).verify(token)).toBeDefined()
  })

  it('signs with the first of several keys and verifies with all', async () => {
    const older = await openSigningKeysFile(file)
    const olderSet = await readSet()
    await rm(file)
    const newer = await openSigningKeysFile(file)
    const newerSet = await readSet()
    await writeFile(file, JSON.stringify({ keys: [...newerSet.keys, ...olderSet.keys] }))
    const both = await openSigningKeysFile(file)
    expect(both.current.kid).toBe(newer.current.kid)
    expect([...both.publicKeys.keys()]).toEqual([newer.current.kid, older.current.kid])
    const { token } = await tokensWith(older).issue({ identity: ANONYMOUS, access: [] })
    expect(await tokensWith(both).verify(token)).toBeDefined()
  })

  it('refuses a broken file in one line that tells no secret', async () => {
    await openSigningKeysFile(file)
    const { keys } = await readSet()
    const [key = {}] = keys
    const secret = String(key['d'])
    const broken: [string, string][] = [
      ['is not JSON', ''],
      ['is not JSON', JSON.stringify({ keys }).slice(0, -10)],
      ['holds no', '[]'],
      ['holds no', '{"keys":[]}'],
      ['key 1 has no "kid"', '{"keys":[null]}'],
      ['key 1 has no "kid"', JSON.stringify({ keys: [{ ...key, kid: undefined }] })],
      ['key 2 has the "kid"', JSON.stringify({ keys: [key, key] })],
      ['key 1 is not a private', JSON.stringify({ keys: [{ ...key, d: undefined }] })],
      ['key 1 is not a private', JSON.stringify({ keys: [{ ...key, crv: 'P-384' }] })],
      ['key 1 is broken', JSON.stringify({ keys: [{ ...key, x: 'AAAA' }] })],
    ]
    for (const [problem, text] of broken) {
      await writeFile(file, text)
      const error = await openingError(file)
      expect(error).toBeInstanceOf(SigningKeysError)
      const message = error instanceof SigningKeysError ? error.message : ''
      expect(message).toContain(`${file}: ${problem}`)
      expect(message).not.toContain('\n')
      expect(message).not.toContain(secret)
      expect(await readFile(file, 'utf8')).toBe(text)
    }
  })

  it('says so when it cannot write', async () => {
    const blocked = join(directory, 'a-file')
    await writeFile(blocked, '')
    await expect(openSigningKeysFile(join(blocked, 'keys.json'))).rejects.toThrow(
      /keys\.json: cannot be (read|written)/,
    )
  })
})
