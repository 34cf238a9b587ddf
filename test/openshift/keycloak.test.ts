/** Users of a real Keycloak: its tokens are podman's passwords, its groups have roles, and it may change keys or hang meanwhile. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Client } from '../clients/client.ts'
import { openSetting, type OpenSetting } from '../clients/open-setting.ts'
import { podman } from '../clients/podman.ts'
import { sluiceCommand, type Sluice } from './sluice-command.ts'
import { startKeycloak, type Keycloak, type Realm } from './start-keycloak.ts'

const DENIED = /unauthorized|denied|access to the resource/i

/** A key that is new is asked for ten seconds after the last question at most. */
const PATIENCE = { timeout: 60_000, interval: 1000 }

let keycloak: Keycloak
beforeAll(async () => {
  keycloak = await startKeycloak()
})
afterAll(async () => keycloak?.close())

describe.each(['laptop', 'cloud'])('users of Keycloak (%s)', (engine) => {
  let realm: Realm
  let setting: OpenSetting
  let client: Client
  let admin: Sluice

  beforeAll(async () => {
    vi.stubEnv('SLUICE_TEST_ENGINE', engine)
    realm = await keycloak.createRealm(engine, { alice: 'builders', victor: 'viewers' })
    setting = await openSetting(podman.tools, false, { authentication: realm.configuration })
    client = await podman.create(setting)
    admin = sluiceCommand(setting.dir, 'admin')
    const { url, user, password } = setting.server
    await admin(['login', url, '-u', user, '-p', password])
    await admin(['new-project', 'team'])
  })
  afterAll(async () => {
    await client?.close?.()
    await setting?.close()
    vi.unstubAllEnvs()
  })

  const image = (tag: string): string => `${setting.server.host}/team/app:${tag}`
  const login = (token: string) => client.login('unused', token)
  /** What became of it, to be asked again. */
  const tried = (token: string): Promise<string> =>
    login(token).then(
      () => 'Login Succeeded!',
      (error: unknown) => String(error),
    )
  const push = async (tag: string, text: string): Promise<void> => {
    await client.build(image(tag), { 'linux/amd64': text })
    await client.push(image(tag))
  }
  const pull = async (tag: string): Promise<string> =>
    (await client.pull(image(tag), 'linux/amd64')).text

  it('log in with its tokens, and their groups have roles', async () => {
    await login(await realm.idToken('alice'))
    await expect(push('v1', 'of alice')).rejects.toThrow(DENIED)
    await admin(['policy', 'add-role-to-group', 'registry-editor', 'kc:builders', '-n', 'team'])
    await admin(['policy', 'add-role-to-group', 'registry-viewer', 'kc:viewers', '-n', 'team'])
    await push('v1', 'of alice')

    await login(await realm.idToken('victor'))
    expect(await pull('v1')).toBe('of alice')
    await expect(push('v2', 'of victor')).rejects.toThrow(DENIED)

    const victor = sluiceCommand(setting.dir, 'victor')
    await victor(['login', setting.server.url, '--token', await realm.idToken('victor')])
    expect(await victor(['whoami'])).toBe('victor\n')
    expect(await victor(['auth', 'can-i', 'get', 'imagestreams/layers', '-n', 'team'])).toBe(
      'yes\n',
    )
  })

  it('go on with tokens of the old key and of the new one, when it changes its key', async () => {
    const old = await realm.idToken('alice')
    await realm.rotate()
    const fresh = await realm.idToken('alice')
    expect(kidOf(fresh)).not.toBe(kidOf(old))
    await expect.poll(() => tried(fresh), PATIENCE).toBe('Login Succeeded!')
    await push('v3', 'of a new key')
    await login(old)
    expect(await pull('v3')).toBe('of a new key')
  })

  it('log in while it hangs, where its key is known; where it is not, they are refused until it answers', async () => {
    const known = await realm.idToken('alice')
    await realm.rotate()
    const unknown = await realm.idToken('alice')
    keycloak.freeze()
    try {
      await login(known)
      await push('v4', 'while it hangs')
      await login(known)
      expect(await pull('v4')).toBe('while it hangs')
      expect(await tried(unknown)).toMatch(podman.saysRefused)
      await login(known)
      // It is asked, and the log says what came of that, ten seconds after it was asked last.
      const logged = async () => (await tried(unknown), setting.server.log())
      await expect.poll(logged, PATIENCE).toMatch(/the keys of http\S+ cannot be had: /)
      await login(known)
    } finally {
      keycloak.thaw()
    }
    await expect.poll(() => tried(unknown), PATIENCE).toBe('Login Succeeded!')
  })
})

const kidOf = (token: string): unknown =>
  (JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as { kid: unknown }).kid
