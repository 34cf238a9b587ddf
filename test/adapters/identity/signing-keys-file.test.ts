import { chown, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { SigningKeysError } from '@sluice/adapters/identity/signing-keys-error'
import { StoredKeyRing } from '@sluice/adapters/identity/stored-key-ring'
import { SigningKeysFile } from '@sluice/adapters/local/signing-keys-file'
import { describeSigningKeyStore } from '../../contracts/signing-key-store.ts'

interface KeySet {
  keys: Record<string, unknown>[]
}

const ringOver = (file: string) =>
  new StoredKeyRing(new SigningKeysFile(file), { now: () => 1e12 }, () => undefined)

const openingError = (file: string): Promise<unknown> =>
  Promise.resolve(ringOver(file).keys()).then(
    () => undefined,
    (error: unknown) => error,
  )

describe('the file of signing keys', () => {
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

  it('is made with one key that only its owner can read', async () => {
    await ringOver(file).keys()
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await readdir(join(directory, 'new'))).toEqual(['keys.json'])
  })

  it('signs with the first of several keys without a time and verifies with all', async () => {
    const older = await ringOver(file).keys()
    const olderSet = await readSet()
    await rm(file)
    const newer = await ringOver(file).keys()
    const newerSet = await readSet()
    await writeFile(file, JSON.stringify({ keys: [...newerSet.keys, ...olderSet.keys] }))
    const both = await ringOver(file).keys()
    expect(both.current.kid).toBe(newer.current.kid)
    expect([...both.publicKeys.keys()]).toEqual([newer.current.kid, older.current.kid])
  })

  it('refuses a broken file in one line that tells no secret', async () => {
    await ringOver(file).keys()
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
      ['key 1 has no time', JSON.stringify({ keys: [{ ...key, nbf: 'now' }] })],
      ['holds no key that signs now', JSON.stringify({ keys: [{ ...key, nbf: 1e12 }] })],
      ['holds no key that signs now', JSON.stringify({ keys: [{ ...key, exp: 1 }] })],
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

  it.runIf(process.getuid?.() === 0)('stays its owner’s when root replaces it', async () => {
    await ringOver(file).keys()
    await chown(file, 1234, 1235)
    await new SigningKeysFile(file).replace(await readFile(file, 'utf8'))
    expect(await stat(file)).toMatchObject({ uid: 1234, gid: 1235, mode: 0o100600 })
  })

  it('says so when it cannot write', async () => {
    const blocked = join(directory, 'a-file')
    await writeFile(blocked, '')
    await expect(ringOver(join(blocked, 'keys.json')).keys()).rejects.toThrow(
      /keys\.json: cannot be (read|written)/,
    )
  })
})

describeSigningKeyStore(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-keys-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  return () => new SigningKeysFile(join(directory, 'keys.json'))
})
