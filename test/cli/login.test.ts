/** `sluice login` at a real identity provider, and what keeps the login good. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import {
  credentialHelper,
  sluiceCommand,
  SLUICE,
  sluiceEnvironment,
} from '../openshift/sluice-command.ts'
import type { RegistryUnderTest } from '../registry-under-test.ts'
import { startRegistry } from '../start-registry.ts'
import { browse } from './browse.ts'
import { startIdentityProvider, type IdentityProvider } from './identity-provider.ts'
import { startCommand, type StartedCommand } from './start-command.ts'

let idp: IdentityProvider
let registry: RegistryUnderTest
let dir: string
beforeAll(async () => {
  idp = await startIdentityProvider()
  registry = await startRegistry({ authentication: idp.configuration })
  dir = mkdtempSync(join(tmpdir(), 'sluice-login-'))
})
afterAll(async () => {
  await registry?.stop()
  await idp?.close()
  rmSync(dir, { recursive: true, force: true })
})
beforeEach(() => {
  idp.idTokenSeconds = 3600
  idp.isBroken = false
  idp.grants.length = 0
})

const started = (user: string, args: readonly string[], env = {}): StartedCommand =>
  startCommand(process.execPath, [SLUICE, ...args], { ...sluiceEnvironment(dir, user), ...env })
const configFile = (user: string): string => join(dir, `config-of-${user}`, 'sluice', 'config')

async function logIn(user: string): Promise<string> {
  const login = started(user, ['login', registry.url, '--web', '--no-browser'])
  await browse(await login.says(/To log in, open (\S+)/), user)
  return login.ended
}

it('with a browser: code and PKCE, back to this machine', async () => {
  const login = started('alice', ['login', registry.url, '--web', '--no-browser'])
  const url = new URL(await login.says(/To log in, open (\S+)/))
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    client_id: 'sluice-cli',
    response_type: 'code',
    code_challenge_method: 'S256',
    scope: 'openid offline_access',
    redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/callback$/) as string,
    state: expect.stringMatching(/.{20}/) as string,
    nonce: expect.stringMatching(/.{20}/) as string,
  })
  expect(await browse(url.href, 'alice')).toBe('You are logged in. You may close this window.\n')
  expect(await login.ended).toContain('Login successful.')
  const alice = sluiceCommand(dir, 'alice')
  expect(await alice(['whoami'])).toBe('alice\n')
  expect(statSync(configFile('alice')).mode & 0o777).toBe(0o600)
  expect(await alice(['login', registry.url])).toContain(
    `Logged into "${registry.url}" as "alice" using existing credentials.`,
  )
  expect(idp.grants).toEqual(['authorization_code'])
})

it('starts the browser of the user', async () => {
  const seen = join(dir, 'seen')
  const browser = join(dir, 'browser')
  writeFileSync(
    browser,
    `#!/bin/sh\nprintf %s "$1" > '${seen}.part' && mv '${seen}.part' '${seen}'\n`,
    {
      mode: 0o755,
    },
  )
  const login = started('bea', ['login', registry.url, '-w'], { BROWSER: browser })
  const url = await login.says(/Opening login URL in the default browser: (\S+)/)
  await expect.poll(() => readFileSync(seen, 'utf8'), { timeout: 30_000 }).toBe(url)
  await browse(url, 'bea')
  await login.ended
})

it('turns away what comes back with another state, and waits for the right one', async () => {
  const login = started('carl', ['login', registry.url, '--web', '--no-browser'])
  const url = await login.says(/To log in, open (\S+)/)
  const redirect = new URL(url).searchParams.get('redirect_uri')
  for (const query of ['code=stolen&state=wrong', 'code=stolen', 'error=access_denied&state=']) {
    const answer = await fetch(`${redirect}?${query}`)
    expect(answer.status).toBe(400)
    expect(await answer.text()).toBe('This login was not asked for here.\n')
  }
  expect((await fetch(new URL('/other', redirect!))).status).toBe(404)
  await browse(url, 'carl')
  expect(await login.ended).toContain('Login successful.')
})

it('says why when the user is refused, and logs nobody in', async () => {
  const login = started('dora', ['login', registry.url, '--web', '--no-browser'])
  const { searchParams } = new URL(await login.says(/To log in, open (\S+)/))
  const back = new URL(searchParams.get('redirect_uri')!)
  back.search = `error=access_denied&error_description=no&state=${searchParams.get('state')}&iss=${idp.url}`
  expect(await (await fetch(back)).text()).toContain('The login failed.')
  await expect(login.ended).rejects.toThrow(/the login at http.* failed: access_denied \(no\)/)
  await expect(sluiceCommand(dir, 'dora')(['whoami'])).rejects.toThrow('You must be logged in')
})

it.each(['nonce', 'code_challenge'])(
  'takes no code that was granted for another %s',
  async (field) => {
    const login = started('dan', ['login', registry.url, '--web', '--no-browser'])
    const url = new URL(await login.says(/To log in, open (\S+)/))
    url.searchParams.set(field, 'A'.repeat(43))
    expect(await browse(url.href, 'dan')).toContain('The login failed.')
    await expect(login.ended).rejects.toThrow(/error: the login at http\S+ failed: /)
  },
)

it('with a code on another device', async () => {
  const login = started('emil', ['login', registry.url, '--device'])
  const where = await login.says(/To log in, open (\S+) and confirm the code [A-Z]{4}-[A-Z]{4}/)
  expect(await browse(where, 'emil')).toContain('Sign-in Success')
  expect(await login.ended).toContain('Login successful.')
  expect(await sluiceCommand(dir, 'emil')(['whoami'])).toBe('emil\n')
  expect(idp.grants).toEqual(['urn:ietf:params:oauth:grant-type:device_code'])
})

it('renews a token that is about to expire, for every command and for the helper', async () => {
  idp.idTokenSeconds = 55
  await logIn('fay')
  const fay = sluiceCommand(dir, 'fay')
  const helper = credentialHelper(dir, 'fay')
  expect(await fay(['whoami', '-t'])).toMatch(/^ey/)
  expect(await fay(['whoami'])).toBe('fay\n')
  expect(JSON.parse(await helper(['get'], registry.host))).toMatchObject({
    Username: 'user',
    Secret: expect.stringMatching(/^ey/) as string,
  })
  expect(idp.grants).toEqual(['authorization_code', ...Array<string>(3).fill('refresh_token')])
  idp.idTokenSeconds = 3600
  const third = await fay(['whoami', '-t'])
  expect(await fay(['whoami', '-t'])).toBe(third)
})

it('renews once, whoever asks at the same time', async () => {
  idp.idTokenSeconds = 55
  await logIn('gus')
  idp.idTokenSeconds = 3600
  const gus = sluiceCommand(dir, 'gus')
  const tokens = await Promise.all([1, 2, 3, 4].map(() => gus(['whoami', '-t'])))
  expect(new Set(tokens).size).toBe(1)
  expect(idp.grants).toEqual(['authorization_code', 'refresh_token'])
})

it('goes on with a token that is still good while the identity provider is broken', async () => {
  idp.idTokenSeconds = 55
  await logIn('hal')
  idp.isBroken = true
  expect(await sluiceCommand(dir, 'hal')(['whoami'])).toBe('hal\n')
})

it('says to log in again when the login cannot be renewed', async () => {
  idp.idTokenSeconds = 55
  await logIn('ida')
  const config = parse(readFileSync(configFile('ida'), 'utf8')) as {
    users: { user: { token: string; 'auth-provider': { config: Record<string, string> } } }[]
  }
  const { user } = config.users[0]!
  const [head, , signature] = user.token.split('.')
  const past = Buffer.from(JSON.stringify({ exp: 1 })).toString('base64url')
  user.token = `${head}.${past}.${signature}`
  user['auth-provider'].config['refresh-token'] = 'revoked'
  writeFileSync(configFile('ida'), stringify(config))
  const again =
    /your login at 127\.0\.0\.1:\d+ has ended, invalid_grant .*: log in again with sluice login http/
  await expect(sluiceCommand(dir, 'ida')(['whoami'])).rejects.toThrow(again)
  await expect(credentialHelper(dir, 'ida')(['get'], registry.host)).rejects.toThrow(again)
  idp.isBroken = true
  await expect(sluiceCommand(dir, 'ida')(['whoami'])).rejects.toThrow(
    /^(?!.*log in again).*cannot be asked/s,
  )
})

it('at a terminal goes to the browser without being told to, and asks for a password that is not said', async () => {
  const terminal = (command: string): StartedCommand =>
    startCommand('script', ['-qec', `'${process.execPath}' '${SLUICE}' ${command}`, '/dev/null'], {
      ...sluiceEnvironment(dir, 'kit'),
      BROWSER: 'true',
    })
  const login = terminal(`login ${registry.url}`)
  await browse(await login.says(/Opening login URL in the default browser: (\S+)/), 'kit')
  await login.ended
  expect(await sluiceCommand(dir, 'kit')(['whoami'])).toBe('kit\n')
  const asked = terminal(`login ${registry.url} -u ${registry.user}`)
  await asked.says(/Password:/)
  asked.type(`${registry.password}\r`)
  expect(await asked.ended).not.toContain(registry.password)
  expect(await sluiceCommand(dir, 'kit')(['whoami'])).toBe('kube:admin\n')
})

it('logout has the identity provider end the login as well', async () => {
  idp.idTokenSeconds = 55
  await logIn('lea')
  const lea = sluiceCommand(dir, 'lea')
  const config = readFileSync(configFile('lea'), 'utf8')
  expect(await lea(['logout'])).toBe(`Logged "lea" out on "${registry.url}"\n`)
  await expect(lea(['whoami'])).rejects.toThrow('You must be logged in')
  writeFileSync(configFile('lea'), config)
  idp.grants.length = 0
  await lea(['whoami'])
  expect(idp.grants).toEqual([])
})

it('closes a file of tokens that others could read', async () => {
  await logIn('mia')
  chmodSync(configFile('mia'), 0o644)
  expect(await sluiceCommand(dir, 'mia')(['whoami'])).toBe('mia\n')
  expect(statSync(configFile('mia')).mode & 0o777).toBe(0o600)
})

it('of several identity providers the user says which', async () => {
  const other = await startIdentityProvider()
  const { jwt, ...kind } = idp.configuration
  const authentication = { ...kind, jwt: [...jwt, ...other.configuration.jwt] }
  const of = await startRegistry({ authentication })
  try {
    const login = (...more: string[]): StartedCommand =>
      started('ned', ['login', of.url, '--web', '--no-browser', ...more])
    await expect(login().ended).rejects.toThrow(
      `error: say --issuer-url with one of these:\n    ${idp.url}\n    ${other.url}`,
    )
    const second = login('--issuer', other.url)
    const url = await second.says(/To log in, open (\S+)/)
    expect(new URL(url).origin).toBe(other.url)
    await browse(url, 'ned')
    await second.ended
    await logIn('ned')
    const ned = sluiceCommand(dir, 'ned')
    expect(await ned(['login', of.url])).toContain('using existing credentials')
    expect(await ned(['whoami', '--show-server'])).toBe(`${of.url}\n`)
  } finally {
    await of.stop()
    await other.close()
  }
})

it('without a terminal asks nobody, and says how one logs in', async () => {
  await expect(sluiceCommand(dir, 'jo')(['login', registry.url])).rejects.toThrow(
    'error: say how: --web or --device',
  )
  await expect(
    sluiceCommand(dir, 'jo')(['login', registry.url, '--issuer-url', 'https://idp.example.com']),
  ).rejects.toThrow(`error: say --issuer-url with one of these:\n    ${idp.url}`)
})
