/** What changes something, and what only says that it would. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parse } from 'yaml'
import { startRegistryOfAlice, type RegistryOfAlice } from './registry-of-alice.ts'

let world: RegistryOfAlice
beforeAll(async () => {
  world = await startRegistryOfAlice()
})
afterAll(() => world?.close())
const alice: RegistryOfAlice['alice'] = (args, input) => world.alice(args, input)

const bindings = async (): Promise<string> => alice(['get', 'rolebindings', '-o', 'name'])
const ADDED = 'clusterrole.rbac.authorization.k8s.io/view added: "bob"'

it('a role is added, and nothing with a dry run', async () => {
  const before = await bindings()
  const add = ['policy', 'add-role-to-user', 'view', 'bob']
  expect(await alice([...add, '--dry-run'])).toBe(`${ADDED} (dry run)\n`)
  expect(await alice([...add, '--dry-run=client'])).toBe(`${ADDED} (dry run)\n`)
  expect(await alice([...add, '--dry-run=server'])).toBe(`${ADDED} (server dry run)\n`)
  expect(await bindings()).toBe(before)
  expect(await alice([...add, '--dry-run=none'])).toBe(`${ADDED}\n`)
  expect(await bindings()).toContain('/view\n')
  await expect(alice([...add, '--dry-run=perhaps'])).rejects.toThrow(
    'Allowed choices are client, none, server',
  )
})

it('roles are taken, one or all', async () => {
  await alice(['policy', 'add-role-to-user', 'view', 'bob', 'carl'])
  await alice(['policy', 'add-role-to-user', 'edit', 'carl'])
  const remove = ['policy', 'remove-role-from-user', 'view', 'bob']
  expect(await alice([...remove, '--dry-run'])).toContain(' removed: "bob" (dry run)')
  expect(await alice(remove)).toBe('clusterrole.rbac.authorization.k8s.io/view removed: "bob"\n')
  await expect(alice(remove)).rejects.toThrow('error: unable to find target [bob]')
  const all = await alice(['policy', 'remove-user', 'carl', 'dora'])
  expect(all.split('\n').toSorted()).toEqual([
    '',
    'Removing edit from users [carl] in project hers.',
    'Removing view from users [carl] in project hers.',
    'Users [dora] were not bound to roles in project hers.',
  ])
  await alice(['policy', 'add-role-to-group', 'view', 'devs'])
  expect(await alice(['policy', 'remove-group', 'devs'])).toContain('from groups [devs]')
  expect(await bindings()).not.toMatch(/view|edit/)
})

it('a Role of the project is bound as well, and service accounts', async () => {
  const rules = [{ apiGroups: [''], resources: ['serviceaccounts'], verbs: ['get'] }]
  const role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'reader' },
    rules,
  }
  expect(await alice(['create', '-f', '-'], JSON.stringify(role))).toBe(
    'role.rbac.authorization.k8s.io/reader created\n',
  )
  const own = ['--role-namespace', 'hers', '-z', 'default']
  expect(await alice(['policy', 'add-role-to-user', 'reader', ...own])).toBe(
    'role.rbac.authorization.k8s.io/reader added: "default"\n',
  )
  expect(JSON.parse(await alice(['get', 'rolebinding', 'reader', '-o', 'json']))).toMatchObject({
    roleRef: { kind: 'Role', name: 'reader' },
    subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: 'hers' }],
  })
  expect(await alice(['describe', 'role', 'reader'])).toContain(
    '  serviceaccounts  []                 []              [get]\n',
  )
  await alice(['policy', 'remove-role-from-user', 'reader', ...own])
})

it('cluster roles are given and taken by the administrator', async () => {
  const name = 'clusterrole.rbac.authorization.k8s.io/cluster-reader'
  const { admin } = world
  expect(await admin(['adm', 'policy', 'add-cluster-role-to-group', 'cluster-reader', 'ops'])).toBe(
    `${name} added: "ops"\n`,
  )
  expect(await admin(['policy', 'who-can', 'list', 'imagestreams', '-A'])).toMatch(
    /^Namespace: <all>\nVerb: {6}list\nResource: {2}imagestreams\.image\.openshift\.io\n[^]*^Groups: .*[^]*\bops$/m,
  )
  expect(
    await admin(['adm', 'policy', 'remove-cluster-role-from-group', 'cluster-reader', 'ops']),
  ).toBe(`${name} removed: "ops"\n`)
  await expect(
    alice(['adm', 'policy', 'add-cluster-role-to-user', 'cluster-admin', 'alice']),
  ).rejects.toThrow('Error from server (Forbidden)')
})

const account = (name: string, label: string): string =>
  `apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: ${name}, labels: {step: ${label}}}\n`

it('create, apply and delete, from a file or by name', async () => {
  const file = join(world.dir, 'accounts.yaml')
  writeFileSync(file, [account('one', 'a'), account('two', 'a')].join('---\n'))
  const dry = await alice(['create', '-f', file, '--dry-run=client', '-o', 'json'])
  expect(dry).toContain('"namespace": "hers"')
  expect(await alice(['create', '-f', file, '--dry-run=server'])).toBe(
    'serviceaccount/one created (server dry run)\nserviceaccount/two created (server dry run)\n',
  )
  expect(await alice(['create', '-f', file])).toBe(
    'serviceaccount/one created\nserviceaccount/two created\n',
  )
  await expect(alice(['create', '-f', file])).rejects.toThrow(
    'Error from server (AlreadyExists): serviceaccounts "one" already exists',
  )
  expect(
    await alice(['apply', '-f', '-'], account('one', 'b') + '---\n' + account('three', 'b')),
  ).toBe('serviceaccount/one configured\nserviceaccount/three created\n')
  expect(await alice(['get', 'sa', '-l', 'step=b', '-o', 'name'])).toBe(
    'serviceaccount/one\nserviceaccount/three\n',
  )
  const made = await alice(['create', 'sa', 'four', '-o', 'yaml'])
  expect(parse(made)).toMatchObject({ kind: 'ServiceAccount', metadata: { name: 'four' } })
  expect(await alice(['delete', 'sa', 'four', '--dry-run'])).toBe(
    'serviceaccount "four" deleted (dry run)\n',
  )
  expect(await alice(['delete', 'sa', 'four', '--dry-run=server'])).toBe(
    'serviceaccount "four" deleted (server dry run)\n',
  )
  expect(await alice(['delete', 'sa/four'])).toBe('serviceaccount "four" deleted\n')
  await expect(alice(['delete', 'sa', 'four', '--dry-run'])).rejects.toThrow('not found')
  expect(await alice(['delete', 'sa', 'four', '--ignore-not-found'])).toBe('')
  expect(await alice(['delete', 'sa', '-l', 'step=b', '--dry-run'])).toBe(
    'serviceaccount "one" deleted (dry run)\nserviceaccount "three" deleted (dry run)\n',
  )
  expect(await alice(['delete', 'sa', '-l', 'step=none'])).toBe('')
  expect(await alice(['delete', 'sa', '-l', 'step=b,step!=c', '--dry-run=server'])).toContain(
    '"three"',
  )
  expect(await alice(['delete', '-f', file])).toBe(
    'serviceaccount "one" deleted\nserviceaccount "two" deleted\n',
  )
})

it('deletes all of a resource in the project, and none of another', async () => {
  await alice(['new-project', 'swept'])
  await alice(['create', 'sa', 'mine'])
  const all = await alice(['delete', 'sa', '--all'])
  expect(all.match(/".*?"/g)).toEqual(['"builder"', '"default"', '"deployer"', '"mine"'])
  await alice(['project', 'hers'])
  expect(await alice(['get', 'sa', '-o', 'name'])).toContain('serviceaccount/builder\n')
})

it('a token of a service account, for as long as is said', async () => {
  const token = (await alice(['create', 'token', 'builder', '--duration', '1h30m'])).trim()
  const { exp, iat, sub } = JSON.parse(
    Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(),
  ) as { exp: number; iat: number; sub: string }
  expect(sub).toBe('system:serviceaccount:hers:builder')
  expect(exp - iat).toBe(5400)
  await expect(alice(['create', 'token', 'builder', '--duration', 'long'])).rejects.toThrow(
    'error: invalid duration "long"',
  )
})

it('auth can-i answers by its exit code as well', async () => {
  expect(await alice(['auth', 'can-i', 'update', 'imagestreams/layers'])).toBe('yes\n')
  expect(await alice(['auth', 'can-i', 'get', 'roles', '-q'])).toBe('')
  await expect(alice(['auth', 'can-i', 'delete', 'images', '-A'])).rejects.toThrow(
    /ended with 1:\nno\n$/,
  )
  await expect(alice(['auth', 'can-i', 'delete', 'images', '-A', '-q'])).rejects.toThrow(
    /ended with 1:\n$/,
  )
  const bob = ['auth', 'can-i', 'get', 'imagestreams/layers', '-n', 'hers', '--as', 'bob']
  await expect(world.admin(bob)).rejects.toThrow(/\nno\n$/)
  await alice(['policy', 'add-role-to-group', 'registry-viewer', 'devs'])
  expect(await world.admin([...bob, '--as-group', 'ops', '--as-group', 'devs'])).toBe('yes\n')
  const all = await alice(['auth', 'can-i', '--list'])
  expect(all).toMatch(/^Resources {3,}Non-Resource URLs {3}Resource Names {3,}Verbs\n/)
  expect(all).toMatch(/^imagestreams\.image\.openshift\.io\/layers +\[\] +\[\] +\[get update\]$/m)
  await expect(alice(['auth', 'can-i', 'get'])).rejects.toThrow(
    'error: you must specify two arguments',
  )
  expect(await alice(['policy', 'why', 'get', 'imagestreams/layers'])).toMatch(
    /^yes: RBAC: allowed by/,
  )
})

it('logout forgets the token, and a second one has none to forget', async () => {
  const { url } = world.registry
  const again = await alice(['login', url, '--token', await world.tokenOf('eve')])
  expect(again).toContain(`Logged into "${url}" as "eve" using the token provided.`)
  expect(await alice(['logout'])).toBe(`Logged "eve" out on "${url}"\n`)
  await expect(alice(['logout'])).rejects.toThrow(
    'error: You must be logged in: sluice login <server>',
  )
  await expect(alice(['get', 'sa'])).rejects.toThrow('error: You must be logged in')
})
