/** The registries that are read through, as `sluice` adds, changes, shows and removes them. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UPSTREAM_DEFAULTS, UPSTREAM_PRESETS } from '@sluice/core/upstream/upstream-presets'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parse } from 'yaml'
import {
  startScriptedUpstream,
  type ScriptedUpstream,
} from '../upstream/start-scripted-upstream.ts'
import { selfSigned } from '../server/self-signed.ts'
import { makeImage, putImage } from '../upstream/upstream-content.ts'
import { startRegistryOfAlice, type RegistryOfAlice } from './registry-of-alice.ts'

let world: RegistryOfAlice
let scripted: ScriptedUpstream
beforeAll(async () => {
  world = await startRegistryOfAlice()
  scripted = await startScriptedUpstream()
})
afterAll(async () => {
  await world?.close()
  await scripted?.close()
})
const admin: RegistryOfAlice['admin'] = (args) => world.admin(args)
const upstream = (...args: string[]): Promise<string> => admin(['upstream', ...args])

const specOf = async (name: string): Promise<unknown> => {
  const object = JSON.parse(await admin(['get', 'upstream', name, '-o', 'json'])) as {
    spec: unknown
  }
  return object.spec
}
const ageless = (table: string): string => table.replaceAll(/ \d\w*$/gm, '')
const LOCAL = ['--insecure', '--private-addresses']

it('one is added, and read through at once', async () => {
  const image = makeImage([])
  await putImage(scripted.content, 'team/app', 'v1', image)
  const add = ['add', 'mirror.example', '--url', scripted.url, ...LOCAL]
  expect(await upstream(...add, '--dry-run')).toBe(
    'upstream.sluice.dev/mirror.example created (dry run)\n',
  )
  expect(await upstream(...add, '--dry-run=server')).toBe(
    'upstream.sluice.dev/mirror.example created (server dry run)\n',
  )
  await expect(specOf('mirror.example')).rejects.toThrow('(NotFound)')
  expect(await upstream(...add)).toBe('upstream.sluice.dev/mirror.example created\n')
  await expect(upstream(...add)).rejects.toThrow(
    'ended with 1:\nError from server (AlreadyExists): upstreams.sluice.dev "mirror.example" already exists',
  )
  const { user, password, url } = world.registry
  const basic = Buffer.from(`${user}:${password}`).toString('base64')
  const pulled = await fetch(`${url}/v2/mirror.example/team/app/manifests/v1`, {
    headers: { authorization: `Basic ${basic}` },
  })
  expect(pulled.headers.get('docker-content-digest')).toBe(image.digest)
  expect(await admin(['describe', 'project', 'mirror.example'])).toContain(
    'sluice.dev/upstream=mirror.example',
  )
})

it('all that can be said of one is kept as it was said', async () => {
  const ca = join(world.dir, 'ca.pem')
  const { cert } = selfSigned(world.dir)
  const pem = readFileSync(cert, 'utf8')
  writeFileSync(ca, pem)
  const said = [
    '--url https://whole.example --mirror https://a.example:5000 --mirror https://b.example',
    '--alias c.example --alias d.example --realm-host e.example',
    '--allow team/* --allow org/* --deny */secret',
    '--tag-age v1=30 --tag-age *=2h --tag-age a=b=7d --tag-age v2=1h30m',
    '--secret hub --credentials bearer --miss-policy wait --default-prefix library',
    '--stale-if-error 5m --minimum-tag-age 2h --revalidate behind --concurrency 3',
    `--proxy http://proxy.example:3128 --ca ${ca}`,
  ]
  await upstream('add', 'whole.example', ...said.join(' ').split(' '), ...LOCAL)
  const others = UPSTREAM_DEFAULTS.tagAges.filter(({ pattern }) => pattern !== '*')
  expect(await specOf('whole.example')).toEqual({
    ...UPSTREAM_DEFAULTS,
    urls: ['https://whole.example', 'https://a.example:5000', 'https://b.example'],
    aliases: ['c.example', 'd.example'],
    allow: ['team/*', 'org/*'],
    deny: ['*/secret'],
    realmHosts: ['e.example'],
    tagAges: [
      { pattern: 'v1', seconds: 30 },
      { pattern: 'a=b', seconds: 604_800 },
      { pattern: 'v2', seconds: 5400 },
      ...others,
      { pattern: '*', seconds: 7200 },
    ],
    credentials: { type: 'bearer', secretName: 'hub' },
    missPolicy: 'wait',
    certificateAuthority: pem,
    staleIfError: 300,
    minimumTagAge: 7200,
    defaultPrefix: 'library',
    revalidate: 'behind',
    concurrency: 3,
    proxy: 'http://proxy.example:3128',
    insecure: true,
    privateAddresses: true,
  })
})

it('set changes what is said, and nothing else', async () => {
  await upstream('add', 'set.example', '--url', 'https://set.example', '--alias', 'x.example')
  const before = { ...UPSTREAM_DEFAULTS, urls: ['https://set.example'], aliases: ['x.example'] }
  expect(await specOf('set.example')).toEqual(before)
  const set = (...args: string[]) => upstream('set', 'set.example', ...args)
  expect(await set('--mirror', 'https://m.example', '--dry-run')).toBe(
    'upstream.sluice.dev/set.example configured (dry run)\n',
  )
  expect(await specOf('set.example')).toEqual(before)
  expect(await set('--mirror', 'https://m.example')).toBe(
    'upstream.sluice.dev/set.example configured\n',
  )
  await set('--url', 'https://other.example', '--secret', 'robot')
  await set('--tag-age', 'latest=10s', '--insecure', '--proxy', 'http://p.example:1')
  const tagAges = UPSTREAM_DEFAULTS.tagAges.map((age) =>
    age.pattern === 'latest' ? { ...age, seconds: 10 } : age,
  )
  const changed = { ...before, urls: ['https://other.example', 'https://m.example'], tagAges }
  expect(await specOf('set.example')).toEqual({
    ...changed,
    credentials: { type: 'basic', secretName: 'robot' },
    insecure: true,
    proxy: 'http://p.example:1',
  })
  await set('--no-insecure', '--proxy', '', '--alias', '', '--credentials', 'none')
  expect(await specOf('set.example')).toEqual({ ...changed, aliases: [] })
  await expect(set()).rejects.toThrow('error: say what is to change')
  await expect(upstream('set', 'nowhere.example', '--insecure')).rejects.toThrow(
    'Error from server (NotFound): upstreams.sluice.dev "nowhere.example" not found',
  )
})

it('what is said is printed whole, before it is done and after', async () => {
  const add = ['add', 'shown.example', '--url', 'https://shown.example']
  const said = { kind: 'Upstream', metadata: { name: 'shown.example' } }
  const client = JSON.parse(await upstream(...add, '--dry-run=client', '-o', 'json')) as object
  expect(client).toEqual({ apiVersion: 'sluice.dev/v1', ...said, spec: { urls: [add[3]] } })
  const whole = { ...said, spec: { ...UPSTREAM_DEFAULTS, urls: [add[3]] } }
  for (const more of [['--dry-run=server'], []])
    expect(parse(await upstream(...add, ...more, '-o', 'yaml'))).toMatchObject(whole)
  const set = ['set', 'shown.example', '--miss-policy', 'wait', '-o', 'json']
  for (const more of [['--dry-run=client'], ['--dry-run=server'], []])
    expect(JSON.parse(await upstream(...set, ...more))).toMatchObject({
      ...said,
      spec: { ...whole.spec, missPolicy: 'wait' },
    })
})

it('of one that everybody knows only what is given differs', async () => {
  const preset = UPSTREAM_PRESETS['docker.io']!
  expect(await specOf('docker.io')).toEqual(preset)
  const mirror = 'https://mirror.gcr.io'
  expect(await upstream('add', 'docker.io', '--secret', 'hub', '--mirror', mirror)).toBe(
    'upstream.sluice.dev/docker.io configured\n',
  )
  const changed = {
    ...preset,
    urls: [...preset.urls, mirror],
    credentials: { type: 'basic', secretName: 'hub' },
  }
  expect(await specOf('docker.io')).toEqual(changed)
  // It is nobody's preset any more.
  await expect(upstream('add', 'docker.io', '--insecure')).rejects.toThrow('(AlreadyExists)')
  expect(await upstream('remove', 'docker.io', '--dry-run')).toBe(
    'upstream.sluice.dev "docker.io" deleted (dry run)\n',
  )
  expect(await upstream('remove', 'docker.io')).toBe('upstream.sluice.dev "docker.io" deleted\n')
  expect(await upstream('list', '-o', 'name')).not.toContain('/docker.io\n')
  await expect(upstream('remove', 'docker.io')).rejects.toThrow('(NotFound)')
  // Of the preset that is gone the rest comes back, and where it is as well.
  expect(await upstream('add', 'docker.io', '--mirror', mirror, '--tag-age', 'latest=1m')).toBe(
    'upstream.sluice.dev/docker.io created\n',
  )
  const tagAges = preset.tagAges.map((age) =>
    age.pattern === 'latest' ? { ...age, seconds: 60 } : age,
  )
  expect(await specOf('docker.io')).toEqual({ ...preset, urls: changed.urls, tagAges })
})

it('list, get and describe show them', async () => {
  const list = await upstream('list')
  expect(list).toMatch(/^NAME +URL +ON A MISS +AGE\n[^]*^quay\.io +https:\/\/quay\.io +stream /m)
  expect(ageless(await admin(['get', 'upstreams']))).toBe(ageless(list))
  expect(await admin(['get', 'upstream/quay.io', '-o', 'name'])).toBe(
    'upstream.sluice.dev/quay.io\n',
  )
  const told = await admin(['describe', 'upstream', 'registry.k8s.io'])
  expect(told).toMatch(/^Name: +registry\.k8s\.io\n/)
  expect(told).toMatch(
    /^URL: +https:\/\/registry\.k8s\.io\nMirrors: +<none>\nAliases: +k8s\.gcr\.io$/m,
  )
  expect(told).toMatch(/^Stale if error: +30d\nMinimum tag age: +0s$/m)
  expect(told).toMatch(/^Tags are believed:\n {2}latest +5m\n[^]*^ {2}\*\.\*\.\* +1d\n {2}\* +1h$/m)
  expect(told).toMatch(/^ {2}tag +30s\n {2}digest +10m\n {2}refused +30s$/m)
})

it.each([
  [['add', 'b.example'], 'Upstream.sluice.dev "b.example" is invalid: spec.urls'],
  [['add', 'B', '--url', 'https://b.example'], 'metadata.name: Invalid value: "B"'],
  [['add', 'b.example', '--url', 'http://b.example'], 'must be https unless spec.insecure is true'],
  [['add'], "error: missing required argument 'name'"],
  [['ad', 'b.example'], '(Did you mean add?)'],
  [['add', 'b.example', '--miror', 'x'], '(Did you mean --mirror?)'],
  [['add', 'b.example', '--miss-policy', 'x'], 'Allowed choices are stream, redirect, wait'],
  [['add', 'b.example', '--credentials', 'x'], 'Allowed choices are basic, bearer, ecr, gar, none'],
  [['add', 'b.example', '--stale-if-error', 'long'], 'error: invalid duration "long"'],
  [['add', 'b.example', '--tag-age', 'latest'], 'error: invalid tag age "latest": say PATTERN=5m'],
  [
    ['add', 'b.example', '--concurrency', 'x'],
    "error: option '--concurrency <number>' argument 'x' is invalid",
  ],
  [['add', 'b.example', '--ca', '/nowhere'], 'certificate authority /nowhere cannot be read'],
  [['set', 'quay.io', '--credentials', 'basic'], 'spec.credentials.secretName'],
])('upstream %j ends with 1 and says what is wrong', async (args, said) => {
  const failed = await upstream(...args).catch((error: Error) => error)
  expect(String(failed)).toContain('ended with 1:\n')
  expect(String(failed)).toContain(said)
})

it('whoever may not change the registry may not change them', async () => {
  await expect(
    world.alice(['upstream', 'add', 'c.example', '--url', 'https://c.example']),
  ).rejects.toThrow('Error from server (Forbidden): upstreams.sluice.dev')
})
