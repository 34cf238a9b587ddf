/** podman takes its credentials from `docker-credential-sluice`. */
import { writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { browse } from '../cli/browse.ts'
import { startIdentityProvider, type IdentityProvider } from '../cli/identity-provider.ts'
import { startCommand } from '../cli/start-command.ts'
import {
  credentialHelper,
  SLUICE,
  sluiceCommand,
  sluiceEnvironment,
} from '../openshift/sluice-command.ts'
import type { RegistryUnderTest } from '../registry-under-test.ts'
import { startRegistry } from '../start-registry.ts'
import { toolPath } from '../tools/require-tools.ts'
import { openSetting, type OpenSetting } from './open-setting.ts'
import { podman } from './podman.ts'
import { runCommand } from './run-command.ts'
import { writeBuildContext } from './build-context.ts'

/** Where npm puts the program that a container tool looks for by its name, and the Node that it runs on. */
const BIN = fileURLToPath(new URL('../../node_modules/.bin', import.meta.url))

let idp: IdentityProvider
let setting: OpenSetting
let other: RegistryUnderTest
beforeAll(async () => {
  idp = await startIdentityProvider()
  setting = await openSetting(podman.tools, false, { authentication: idp.configuration })
  other = await startRegistry({ authentication: idp.configuration })
  const credHelpers = { [setting.server.host]: 'sluice', [other.host]: 'sluice' }
  writeFileSync(join(setting.dir, 'auth.json'), JSON.stringify({ credHelpers }))
  writeFileSync(
    join(setting.dir, 'containers.conf'),
    '[engine]\nlock_type = "file"\ncgroup_manager = "cgroupfs"\nevents_logger = "none"\n',
  )
})
afterAll(async () => {
  await other?.stop()
  await setting?.close()
  await idp?.close()
})

const run = (args: readonly string[], input?: string): Promise<string> => {
  const { dir } = setting
  const store = ['--root', `${dir}/root`, '--runroot', `${dir}/run`, '--tmpdir', `${dir}/tmp`]
  return runCommand(toolPath('podman'), [...store, '--storage-driver', 'vfs', ...args], {
    env: {
      ...sluiceEnvironment(dir, 'ann'),
      PATH: [BIN, process.env['PATH']].join(delimiter),
      TMPDIR: dir,
      XDG_RUNTIME_DIR: dir,
      REGISTRY_AUTH_FILE: join(dir, 'auth.json'),
      CONTAINERS_CONF: join(dir, 'containers.conf'),
    },
    ...(input !== undefined && { input }),
  })
}
const open = ['--tls-verify=false']
const ann: ReturnType<typeof sluiceCommand> = (args, input) =>
  sluiceCommand(setting.dir, 'ann')(args, input)
const helper: typeof ann = (args, input) => credentialHelper(setting.dir, 'ann')(args, input)
const NOT_FOUND = 'credentials not found in native keychain'

async function logIn({ url }: RegistryUnderTest): Promise<void> {
  const env = sluiceEnvironment(setting.dir, 'ann')
  const args = [SLUICE, 'login', url, '--web', '--no-browser']
  const login = startCommand(process.execPath, args, env)
  await browse(await login.says(/To log in, open (\S+)/), 'ann')
  await login.ended
}

it('pushes and pulls with tokens that are renewed whenever they are about to expire', async () => {
  const { server, dir } = setting
  const image = `${server.host}/hers/app:v1`
  await run(['build', '--network', 'none', '--tag', image, writeBuildContext(dir, 'of ann')])
  await expect(run(['push', ...open, image])).rejects.toThrow(/unauthorized|denied/i)
  idp.idTokenSeconds = 55
  await logIn(server)
  await ann(['new-project', 'hers'])
  idp.grants.length = 0
  await run(['push', ...open, image])
  await run(['rmi', image])
  await run(['pull', ...open, image])
  expect(idp.grants.length).toBeGreaterThanOrEqual(2)
  expect(new Set(idp.grants)).toEqual(new Set(['refresh_token']))
})

it('serves each registry that one is logged in to', async () => {
  await logIn(other)
  expect(await ann(['whoami', '--show-server'])).toBe(`${other.url}\n`)
  expect(JSON.parse(await helper(['list']))).toEqual({
    [setting.server.host]: 'user',
    [other.host]: 'user',
  })
  await run(['pull', ...open, `${setting.server.host}/hers/app:v1`])
  await expect(run(['pull', ...open, `${other.host}/default/app:v1`])).rejects.toThrow(
    /manifest unknown|denied|unauthorized/i,
  )
})

it('keeps what podman login gives it, and forgets all at podman logout', async () => {
  const { server } = setting
  const login = ['login', ...open, '--username', server.user, '--password-stdin', server.host]
  expect(await run(login, server.password)).toContain('Login Succeeded!')
  const stored = { ServerURL: server.host, Username: server.user, Secret: server.password }
  expect(JSON.parse(await helper(['get'], `https://${server.host}/v2/\n`))).toEqual({
    ...stored,
    ServerURL: `https://${server.host}/v2/`,
  })
  expect(JSON.parse(await helper(['list']))).toMatchObject({ [server.host]: server.user })
  await run(['pull', ...open, `${server.host}/hers/app:v1`])
  await logIn(server)
  expect(JSON.parse(await helper(['get'], server.host))).toMatchObject({ Username: 'user' })
  await run(login, server.password)
  await run(['logout', server.host])
  await expect(helper(['get'], server.host)).rejects.toThrow(NOT_FOUND)
  await expect(run(['push', ...open, `${server.host}/hers/app:v1`])).rejects.toThrow(
    /unauthorized|denied/i,
  )
  expect(JSON.parse(await helper(['list']))).toEqual({ [other.host]: 'user' })
})

it('says what the protocol says', async () => {
  await expect(helper(['get'], 'registry.example.com')).rejects.toThrow(
    `ended with 1:\n${NOT_FOUND}\n`,
  )
  await expect(helper(['get'], '')).rejects.toThrow('no credentials server URL')
  await expect(helper(['erase'], '\n')).rejects.toThrow('no credentials server URL')
  const store = (credentials: object) => helper(['store'], JSON.stringify(credentials))
  await expect(store({ Username: 'a', Secret: 'b' })).rejects.toThrow('no credentials server URL')
  await expect(store({ ServerURL: 'a', Secret: 'b' })).rejects.toThrow('no credentials username')
  await expect(helper(['forget'])).rejects.toThrow('Usage: docker-credential-sluice')
})
