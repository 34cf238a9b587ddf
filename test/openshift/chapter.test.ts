/**
 * "Accessing the registry" of OpenShift's documentation, step by step: with `sluice` for `oc`, real podman, and the ID tokens of a
 * real identity provider. The token is the password, and roles in the project decide.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Client } from '../clients/client.ts'
import { openSetting, type OpenSetting } from '../clients/open-setting.ts'
import { podman } from '../clients/podman.ts'
import { SCRAPER } from '../prometheus-scraper.ts'
import { credentialHelper, sluiceCommand, type Sluice } from './sluice-command.ts'
import {
  OTHER_CLIENT,
  startIdentityProvider,
  type IdentityProvider,
} from './start-identity-provider.ts'

const DENIED = /unauthorized|denied|access to the resource/i

describe.each(['laptop', 'cloud'])('accessing the registry (%s)', (engine) => {
  let idp: IdentityProvider
  let setting: OpenSetting
  let client: Client
  let admin: Sluice
  let alice: Sluice

  beforeAll(async () => {
    vi.stubEnv('SLUICE_TEST_ENGINE', engine)
    idp = await startIdentityProvider({ carol: ['builders', 'staff'], carl: ['staff'] })
    setting = await openSetting(podman.tools, false, { authentication: idp.configuration })
    client = await podman.create(setting)
    admin = sluiceCommand(setting.dir, 'admin')
    alice = sluiceCommand(setting.dir, 'alice')
  })
  afterAll(async () => {
    await client?.close?.()
    await setting?.close()
    await idp?.close()
    vi.unstubAllEnvs()
  })

  const image = (name: string): string => `${setting.server.host}/${name}`
  const pushAs = async (token: string, name: string, text: string): Promise<void> => {
    await client.login('unused', token)
    await client.build(image(name), { 'linux/amd64': text })
    await client.push(image(name))
  }
  const pullAs = async (token: string, name: string): Promise<string> => {
    await client.login('unused', token)
    return (await client.pull(image(name), 'linux/amd64')).text
  }

  it('the administrator logs in, and her token is the password of podman', async () => {
    const { server } = setting
    await expect(admin(['login', server.url, '-u', server.user, '-p', 'wrong'])).rejects.toThrow(
      'Login failed (401 Unauthorized)',
    )
    expect(await admin(['login', server.url, '-u', server.user, '-p', server.password])).toContain(
      'Login successful.',
    )
    expect(await admin(['whoami'])).toBe('kube:admin\n')
    const token = (await admin(['whoami', '-t'])).trim()
    for (const name of ['kubeadmin', 'unused']) await client.login(name, token)
    await expect(client.login('kube:admin', token)).rejects.toThrow(/ended with 1/)
    expect(await admin(['registry', 'info', '--check'])).toBe(`${server.host}\n`)
  })

  it('a user of the identity provider logs in with her token, and asks for a project, which is hers', async () => {
    const token = await idp.idToken('alice')
    expect(await alice(['login', setting.server.url, '--token', token])).toContain(
      'as "alice" using the token provided.',
    )
    expect(await alice(['new-project', 'hers'])).toBe(
      `Now using project "hers" on server "${setting.server.url}".\n`,
    )
    expect(await alice(['projects', '-q'])).toBe('hers\n')
    await pushAs(token, 'hers/app:v1', 'of alice')
    expect(await pullAs(token, 'hers/app:v1')).toBe('of alice')
    await expect(client.login('alice', await idp.idToken('alice', OTHER_CLIENT))).rejects.toThrow(
      podman.saysRefused,
    )
  })

  it('without a role a user pulls nothing; with registry-viewer he pulls, and pushes nothing', async () => {
    const bob = await idp.idToken('bob')
    await expect(pullAs(bob, 'hers/app:v1')).rejects.toThrow(DENIED)
    expect(await alice(['policy', 'why', 'get', 'imagestreams/layers', '--user', 'alice'])).toMatch(
      /^yes: RBAC: allowed by RoleBinding "admin\/hers"/,
    )
    expect(await alice(['policy', 'add-role-to-user', 'registry-viewer', 'bob'])).toBe(
      'clusterrole.rbac.authorization.k8s.io/registry-viewer added: "bob"\n',
    )
    expect(await alice(['policy', 'who-can', 'get', 'imagestreams/layers'])).toMatch(
      /^Users: {2}alice\n {8}bob$/m,
    )
    expect(await pullAs(bob, 'hers/app:v1')).toBe('of alice')
    await expect(pushAs(bob, 'hers/app:v2', 'of bob')).rejects.toThrow(DENIED)
  })

  it('with registry-editor he pushes, in that project and in no other', async () => {
    const bob = await idp.idToken('bob')
    await admin(['new-project', 'others'])
    await alice(['policy', 'add-role-to-user', 'registry-editor', 'bob'])
    await pushAs(bob, 'hers/app:v2', 'of bob')
    await expect(pushAs(bob, 'others/app:v1', 'of bob')).rejects.toThrow(DENIED)
    expect(await alice(['images'])).toMatch(
      /^NAME +IMAGE REPOSITORY +TAGS\napp +\S*hers\/app +v1,v2\n$/,
    )
    expect(await alice(['tags', 'app'])).toBe('app:v1\napp:v2\n')
  })

  it('with system:image-builder a group pushes', async () => {
    await admin(['policy', 'add-role-to-group', 'system:image-builder', 'builders', '-n', 'others'])
    await pushAs(await idp.idToken('carol'), 'others/built:v1', 'of carol')
    const outsider = await idp.idToken('carl')
    await expect(pushAs(outsider, 'others/built:v2', 'of carl')).rejects.toThrow(DENIED)
  })

  it('an image from elsewhere is tagged and pushed to a project, once that lets its builder', async () => {
    await admin(['new-project', 'openshift'])
    const [elsewhere, here] = ['name.example/image', image('openshift/image')]
    await client.login('unused', await idp.idToken('erin'))
    await client.build(elsewhere, { 'linux/amd64': 'from elsewhere' })
    await expect(client.copy(elsewhere, here)).rejects.toThrow(DENIED)
    expect(
      await admin([
        'policy',
        'add-role-to-user',
        'system:image-builder',
        'erin',
        '-n',
        'openshift',
      ]),
    ).toBe('clusterrole.rbac.authorization.k8s.io/system:image-builder added: "erin"\n')
    await client.copy(elsewhere, here)
    expect((await client.pull(here, 'linux/amd64')).text).toBe('from elsewhere')
    expect((await client.pull(`${here}:latest`, 'linux/amd64')).text).toBe('from elsewhere')
  })

  it('a name of three levels is refused', async () => {
    const push = pushAs(await idp.idToken('alice'), 'hers/deep/app:v1', 'deep')
    await expect(push).rejects.toThrow(/400 \(Bad Request\)|unauthorized/)
  })

  it('a service account pulls from its project, and from another once that lets it or all of its project', async () => {
    const token = (await admin(['create', 'token', 'default', '-n', 'others'])).trim()
    expect(await pullAs(token, 'others/built:v1')).toBe('of carol')
    await expect(pullAs(token, 'hers/app:v1')).rejects.toThrow(DENIED)
    await alice([
      'policy',
      'add-role-to-user',
      'system:image-puller',
      'system:serviceaccount:others:default',
    ])
    expect(await pullAs(token, 'hers/app:v1')).toBe('of alice')
    const deployer = (
      await admin(['create', 'token', 'deployer', '-n', 'others', '--duration', '30m'])
    ).trim()
    await expect(pullAs(deployer, 'hers/app:v1')).rejects.toThrow(DENIED)
    await alice([
      'policy',
      'add-role-to-group',
      'system:image-puller',
      'system:serviceaccounts:others',
    ])
    expect(await pullAs(deployer, 'hers/app:v1')).toBe('of alice')
  })

  it('the service account called builder pushes to its project', async () => {
    const builder = (await admin(['create', 'token', 'builder', '-n', 'others'])).trim()
    await pushAs(builder, 'others/built:v3', 'of the builder')
    expect(await pullAs(builder, 'others/built:v3')).toBe('of the builder')
  })

  it('everybody pulls without a login, once the project lets them', async () => {
    await client.logout()
    await expect(client.pull(image('hers/app:v1'), 'linux/amd64')).rejects.toThrow(DENIED)
    await alice(['policy', 'add-role-to-group', 'system:image-puller', 'system:unauthenticated'])
    expect((await client.pull(image('hers/app:v1'), 'linux/amd64')).text).toBe('of alice')
  })

  it('a role of one’s own lets a user scrape the metrics', async () => {
    const dave = sluiceCommand(setting.dir, 'dave')
    await dave(['login', setting.server.url, '--token', await idp.idToken('dave')])
    await expect(dave(['auth', 'can-i', 'get', 'registry/metrics', '-A'])).rejects.toThrow(
      /ended with 1:\s*no/,
    )
    expect(await admin(['create', '-f', '-'], SCRAPER)).toBe(
      'clusterrole.rbac.authorization.k8s.io/prometheus-scraper created\n',
    )
    expect(
      await admin(['adm', 'policy', 'add-cluster-role-to-user', 'prometheus-scraper', 'dave']),
    ).toBe('clusterrole.rbac.authorization.k8s.io/prometheus-scraper added: "dave"\n')
    expect(await dave(['auth', 'can-i', 'get', 'registry', '--subresource', 'metrics', '-A'])).toBe(
      'yes\n',
    )
  })

  it('nobody hands on what he has not, and nobody asks for projects once that is switched off', async () => {
    await expect(alice(['policy', 'add-role-to-user', 'cluster-admin', 'alice'])).rejects.toThrow(
      /Error from server \(Forbidden\): .*attempting to grant RBAC permissions not currently held/s,
    )
    await admin([
      'adm',
      'policy',
      'remove-cluster-role-from-group',
      'self-provisioner',
      'system:authenticated:oauth',
    ])
    await expect(alice(['new-project', 'more'])).rejects.toThrow(
      'You may not request a new project via this API.',
    )
    await admin(['new-project', 'more'])
  })

  it('tools find the token where the command line puts it, or ask the credential helper', async () => {
    const { server, dir } = setting
    const file = join(dir, 'saved.json')
    expect(await alice(['registry', 'login', '--to', file])).toBe(
      `Saved credentials for ${server.host} into ${file}\n`,
    )
    const saved = JSON.parse(readFileSync(file, 'utf8')) as {
      auths: Record<string, { auth: string }>
    }
    const [, token] = Buffer.from(saved.auths[server.host]?.auth ?? '', 'base64')
      .toString()
      .split(':')
    expect(token).toBe((await alice(['whoami', '-t'])).trim())
    const helper = credentialHelper(dir, 'alice')
    expect(JSON.parse(await helper(['get'], `${server.host}\n`))).toEqual({
      ServerURL: server.host,
      Username: 'user',
      Secret: token,
    })
    await expect(helper(['get'], 'registry.example.com')).rejects.toThrow(
      'credentials not found in native keychain',
    )
    expect(JSON.parse(await helper(['list']))).toEqual({ [server.host]: 'user' })
    expect(await alice(['logout'])).toBe(`Logged "alice" out on "${server.url}"\n`)
    await expect(alice(['whoami'])).rejects.toThrow('You must be logged in')
    await expect(helper(['get'], server.host)).rejects.toThrow(
      'credentials not found in native keychain',
    )
  })

  it('the bootstrap administrator gets in until she is deleted, which another has to follow', async () => {
    const { server } = setting
    await expect(admin(['delete', 'secret', 'kubeadmin', '-n', 'kube-system'])).rejects.toThrow(
      'bind cluster-admin to another user or group first',
    )
    await admin(['adm', 'policy', 'add-cluster-role-to-user', 'cluster-admin', 'alice'])
    await alice(['login', server.url, '--token', await idp.idToken('alice')])
    expect(await alice(['delete', 'secret', 'kubeadmin', '-n', 'kube-system'])).toMatch(
      /secret "?kubeadmin"? deleted/,
    )
    // Other threads and environments hear of it within a minute.
    const login = () =>
      client.login(server.user, server.password).then(
        () => 'Login Succeeded!',
        (error: unknown) => String(error),
      )
    await expect.poll(login, { timeout: 120_000, interval: 2000 }).toMatch(podman.saysRefused)
    expect(await alice(['get', 'clusterrole', 'prometheus-scraper', '-o', 'name'])).toContain(
      'prometheus-scraper',
    )
  })
})
