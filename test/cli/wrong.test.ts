/** Mistakes: what was meant, and an exit code of 1; completion, so that there are fewer of them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runCommand } from '../clients/run-command.ts'
import { startRegistryOfAlice, type RegistryOfAlice } from './registry-of-alice.ts'

let world: RegistryOfAlice
beforeAll(async () => {
  world = await startRegistryOfAlice()
})
afterAll(() => world?.close())

it.each([
  [['gett', 'sa'], "error: unknown command 'gett'\n(Did you mean get?)"],
  [['policy', 'add-role-to-usr', 'view', 'bob'], '(Did you mean add-role-to-user?)'],
  [['whoami', '--show-tokn'], '(Did you mean --show-token?)'],
  [
    ['get', 'rolebings'],
    'error: the server doesn\'t have a resource type "rolebings"\n(Did you mean rolebindings?)',
  ],
  [['get', 'nodes'], 'error: the server doesn\'t have a resource type "nodes"\n'],
  [['get'], "error: missing required argument 'resource'"],
  [['policy', 'add-role-to-user'], 'error: you must specify a role'],
  [
    ['policy', 'add-role-to-user', 'view'],
    'error: you must specify at least one user or service account',
  ],
  [
    ['policy', 'add-role-to-group', 'view'],
    'error: you must specify at least two arguments: <role> <group> [group]...',
  ],
  [['create'], 'error: must specify -f, or what to create'],
  [['create', '-f', 'nowhere.yaml'], 'error: the path "nowhere.yaml" does not exist'],
  [['delete', 'sa'], 'error: resource(s) were provided, but no name was specified'],
  [['login', 'ftp://registry.example.com'], 'error: ftp://registry.example.com is no server'],
  [
    ['new-project', 'hers'],
    'Error from server (AlreadyExists): project.project.openshift.io "hers" already exists',
  ],
])('%j ends with 1 and says what is wrong', async (args, said) => {
  const failed = await world.alice(args).catch((error: Error) => error)
  expect(failed).toBeInstanceOf(Error)
  expect(String(failed)).toContain(`ended with 1:\n`)
  expect(`${String(failed)}\n`).toContain(said)
})

it('a role that does not exist is bound, with a warning', async () => {
  const run = runCommand(
    'bash',
    ['-c', '"$0" "$1" policy add-role-to-user registry-viewr bob 2>&1', process.execPath, MAIN],
    { env: { HOME: world.dir, XDG_CONFIG_HOME: join(world.dir, 'config-of-alice') } },
  )
  expect(await run).toBe(
    `Warning: role 'registry-viewr' not found\n(Did you mean registry-viewer?)\nclusterrole.rbac.authorization.k8s.io/registry-viewr added: "bob"\n`,
  )
})

const create = (text: string) => world.alice(['create', '-f', '-'], text)

it('a file with what is no object is refused before anything is made', async () => {
  await expect(create('kind: ServiceAcount\nmetadata: {name: a}\n')).rejects.toThrow(
    'error: no matches for kind "ServiceAcount"\n(Did you mean ServiceAccount?)',
  )
  await expect(create('metadata: {name: a}\n')).rejects.toThrow("Object 'Kind' is missing")
  await expect(create('kind: Role\n')).rejects.toThrow('the Role has no metadata.name')
  await expect(create('a: [\n')).rejects.toThrow('error: error parsing -')
  await expect(create('')).rejects.toThrow('error: no objects passed to create')
})

it('a server that is none, and one that does not answer', async () => {
  await expect(world.alice(['login', 'http://127.0.0.1:1', '--token', 'x'])).rejects.toThrow(
    /error: http:\/\/127\.0\.0\.1:1 cannot be reached: .*ECONNREFUSED/,
  )
  await expect(world.alice(['login', world.registry.url, '--token', 'x'])).rejects.toThrow(
    'error: You must be logged in to the server (Unauthorized)',
  )
})

it('who stops reading is no failure', async () => {
  const env = { HOME: world.dir, XDG_CONFIG_HOME: join(world.dir, 'config-of-admin') }
  const read = `set -o pipefail; "$0" "$1" get clusterroles -o yaml | head -1`
  expect(await runCommand('bash', ['-c', read, process.execPath, MAIN], { env })).toBe(
    'apiVersion: v1\n',
  )
})

const MAIN = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url))
const BIN = fileURLToPath(new URL('../../node_modules/.bin', import.meta.url))

it('a real bash completes commands, options, choices and resources', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-bash-'))
  const env = { HOME: dir, PATH: [BIN, process.env['PATH']].join(delimiter), TERM: 'dumb' }
  // Twice, as a profile may.
  const read = 'source <(sluice completion bash)\n'.repeat(2)
  const typed = 'sluice logo\t --he\t\nexit\n'
  // `script` gives it a terminal, in which a tab is a key.
  const seen = await runCommand('script', ['-qec', 'bash --norc --noprofile -i', '/dev/null'], {
    env,
    input: read + typed,
  })
  expect(seen).toContain('Usage: sluice logout')
  const words = async (...line: string[]): Promise<string[]> => {
    const list = line.map((word) => `'${word}'`).join(' ')
    const ask = `COMP_WORDS=(sluice ${list}); COMP_CWORD=${line.length}; _sluice; printf '%s\\n' "\${COMPREPLY[@]}"`
    const answer = await runCommand('bash', ['--norc', '-c', read + ask], { env })
    return answer.trim().split('\n')
  }
  expect(await words('policy', 'remove-')).toEqual([
    'remove-role-from-user',
    'remove-user',
    'remove-role-from-group',
    'remove-group',
  ])
  expect(await words('get', 'role')).toEqual(['roles', 'role', 'rolebindings', 'rolebinding'])
  expect(await words('delete', '--dry-run', '')).toEqual(['client', 'none', 'server'])
  for (const shell of ['zsh', 'fish'])
    expect(await runCommand(process.execPath, [MAIN, 'completion', shell])).toContain(
      'sluice complete --',
    )
  rmSync(dir, { recursive: true, force: true })
})
