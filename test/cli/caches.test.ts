/** `sluice refresh`, `prefetch` and `purge`, of images behind an upstream. */
import { OCI_INDEX } from '@sluice/core/media-type'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { runCommand } from '../clients/run-command.ts'
import { noise } from '../http/pull-through/cached-upstream.ts'
import { SLUICE, sluiceEnvironment } from '../openshift/sluice-command.ts'
import { hang } from '../upstream/fault.ts'
import {
  startScriptedUpstream,
  type ScriptedUpstream,
} from '../upstream/start-scripted-upstream.ts'
import { makeImage, makeManifest, putImage, type MadeImage } from '../upstream/upstream-content.ts'
import { startRegistryOfAlice, type RegistryOfAlice } from './registry-of-alice.ts'

let world: RegistryOfAlice
let upstream: ScriptedUpstream
beforeAll(async () => {
  world = await startRegistryOfAlice()
  upstream = await startScriptedUpstream()
  await add('up.example', '--default-prefix', 'library')
})
afterEach(() => {
  upstream.heal()
  upstream.forget()
})
afterAll(async () => {
  await world?.close()
  await upstream?.close()
})
const admin: RegistryOfAlice['admin'] = (args) => world.admin(args)
const add = (name: string, ...more: string[]) => {
  const where = ['--url', upstream.url, '--insecure', '--private-addresses']
  return admin(['upstream', 'add', name, ...where, ...more])
}
const prefetch = (...more: string[]) => admin(['prefetch', 'up.example/team/multi', ...more])
const put = (repository: string, tag: string, image: MadeImage) =>
  putImage(upstream.content, repository, tag, image)
const OWN = process.arch === 'x64' ? 'amd64' : process.arch

it('refresh says what a tag named, and what it names now', async () => {
  const [one, other] = [makeImage([noise(10)]), makeImage([noise(10)])]
  await put('team/app', 'v1', one)
  const refresh = ['refresh', 'up.example/team/app:v1']
  expect(await admin(refresh)).toBe(`up.example/team/app:v1 is ${one.digest}\n`)
  expect(await admin(refresh)).toBe(`up.example/team/app:v1 is still ${one.digest}\n`)
  await put('team/app', 'v1', other)
  await put('library/tool', 'latest', one)
  expect(await admin([...refresh, 'up.example/tool'])).toBe(
    `up.example/team/app:v1 was ${one.digest}, is ${other.digest}\nup.example/tool:latest is ${one.digest}\n`,
  )
})

it('refresh says what is too new to be served', async () => {
  await add('late.example', '--minimum-tag-age', '7d')
  const [one, other] = [makeImage([noise(10)]), makeImage([noise(10)])]
  await put('team/late', 'v1', one)
  await admin(['refresh', 'late.example/team/late:v1'])
  await put('team/late', 'v1', other)
  expect(await admin(['refresh', 'late.example/team/late:v1'])).toBe(
    `late.example/team/late:v1 is still ${one.digest}: ${other.digest} is too new to be served\n`,
  )
})

it('prefetch brings what this machine would pull, or what is asked for', async () => {
  const images = [noise(2_000_000), noise(20)].map((layer) => makeImage([layer])) as [
    MadeImage,
    MadeImage,
  ]
  for (const image of images) await put('team/multi', image.digest, image)
  const platforms = [
    { os: 'linux', architecture: OWN },
    { os: 'linux', architecture: 's390x' },
  ]
  const index = makeManifest(OCI_INDEX, {
    manifests: images.map(({ mediaType, digest, bytes }, at) => ({
      mediaType,
      digest,
      size: bytes.byteLength,
      platform: platforms[at],
    })),
  })
  await upstream.content.putManifest('team/multi', 'latest', index)
  const named = `up.example/team/multi:latest (${index.digest}): `
  expect(await prefetch()).toBe(
    `${named}2 manifests and 2 blobs are here, 2.0 MB; of these 2 manifests and 2 blobs came\n`,
  )
  expect(await prefetch('--platform', `linux/${OWN},linux/s390x`)).toBe(
    `${named}3 manifests and 4 blobs are here, 2.0 MB; of these 1 manifest and 2 blobs came\n`,
  )
  upstream.forget()
  expect(await prefetch('--all-platforms')).toBe(
    `${named}3 manifests and 4 blobs are here, 2.0 MB; of these 0 manifests and 0 blobs came\n`,
  )
  expect(upstream.requests).toEqual([])
  const failed = await prefetch('--platform', 'windows/amd64').catch(String)
  expect(failed).toContain(
    `ended with 1:\nerror: windows/amd64: the image is not made for it\n${named}`,
  )
})

const inTerminal = (args: readonly string[]): Promise<string> =>
  runCommand('script', ['-qec', [process.execPath, SLUICE, ...args].join(' '), '/dev/null'], {
    env: { ...sluiceEnvironment(world.dir, 'admin'), TERM: 'xterm' },
  })

it('prefetch goes on until all is here, and shows it to whoever is there', async () => {
  const image = makeImage([noise(3_000_000)])
  await put('team/slow', 'v1', image)
  upstream.fail('blob-get', { kind: 'drip', bytes: 1_000_000, everyMs: 1200 })
  const seen = await inTerminal(['prefetch', 'up.example/team/slow:v1'])
  expect(seen).toMatch(/\d+% of 4 MB/)
  expect(seen).toContain(
    '1 manifest and 2 blobs are here, 3.0 MB; of these 1 manifest and 2 blobs came',
  )
  expect(upstream.count('blob-get')).toBe(2)
})

it('prefetch gives up what does not come', async () => {
  await put('team/never', 'v1', makeImage([noise(100)]))
  // It will not be asked again soon.
  await add('silent.example')
  upstream.fail('blob-get', hang)
  await expect(
    admin(['prefetch', 'silent.example/team/never:v1', '--timeout', '1s']),
  ).rejects.toThrow(
    'ended with 1:\nerror: silent.example/team/never:v1: nothing has come for 1s: 2 of 2 blobs are still missing\n',
  )
})

it('import-image and tag bring an image of an upstream under a name of a project', async () => {
  const image = makeImage([noise(10)])
  await put('team/base', 'v1', image)
  const from = 'up.example/team/base:v1'
  const said = (name: string) =>
    `imagestream.image.openshift.io/${name.split(/[/:]/)[1]} imported\n${name} is ${image.digest}\n`
  const policy = ['--scheduled', '--reference-policy=local']
  expect(
    await admin(['import-image', 'hers/web:prod', `--from=${from}`, '--confirm', ...policy]),
  ).toBe(said('hers/web:prod'))
  expect(await admin(['tag', '--source=docker', from, 'hers/base', ...policy])).toBe(
    said('hers/base:latest'),
  )
  expect(await admin(['tags', 'web', '-n', 'hers'])).toBe('web:prod\n')
  expect(await admin(['tags', 'base', '-n', 'hers'])).toBe('base:latest\n')
  expect(await admin(['describe', 'is/web', '-n', 'hers'])).toContain(image.digest)
})

it('purge removes a tag, a manifest, or all of a repository', async () => {
  const image = makeImage([noise(10)])
  await put('team/gone', 'v1', image)
  await put('team/gone', 'v2', image)
  const refresh = () => admin(['refresh', 'up.example/team/gone:v1', 'up.example/team/gone:v2'])
  const tags = () => admin(['tags', 'team/gone', '-n', 'up.example'])
  await refresh()
  expect(await admin(['purge', 'up.example/team/gone:v1'])).toBe('up.example/team/gone:v1 purged\n')
  expect(await tags()).toBe('team/gone:v2\n')
  await admin(['purge', `up.example/team/gone@${image.digest}`])
  expect(await tags()).toBe('')
  await refresh()
  expect(await tags()).toBe('team/gone:v1\nteam/gone:v2\n')
  expect(await admin(['purge', 'up.example/team/gone'])).toBe('up.example/team/gone purged\n')
  expect(await admin(['get', 'is', '-n', 'up.example', '-o', 'name'])).not.toContain('team/gone')
  await expect(admin(['purge', 'up.example/team/gone'])).rejects.toThrow(
    'Error from server (NotFound): there is no repository up.example/team/gone',
  )
})

it('what a cache holds is shown and deleted as any image stream, by its whole name', async () => {
  const image = makeImage([noise(10)])
  await put('a/deep/name', 'v1', image)
  await admin(['refresh', 'up.example/a/deep/name:v1'])
  const within = ['-n', 'up.example']
  const names = await admin(['get', 'is,istag', ...within, '-o', 'name'])
  expect(names).toContain('imagestream.image.openshift.io/a/deep/name\n')
  expect(names).toContain('imagestreamtag.image.openshift.io/a/deep/name:v1\n')
  const described = await admin(['describe', 'is/a/deep/name', ...within])
  expect(described).toMatch(/^Name:\s+a\/deep\/name\nNamespace:\s+up\.example\n/)
  expect(described).toContain(image.digest)
  expect(await admin(['delete', 'is/a/deep/name', ...within])).toBe(
    'imagestream.image.openshift.io "a/deep/name" deleted\n',
  )
  expect(await admin(['get', 'is', ...within])).not.toContain('a/deep/name')
})

it.each([
  [['refresh', 'nginx'], 'error: "nginx" is no image of an upstream'],
  [['refresh', 'up.example/app:'], 'error: "up.example/app:" is no image of an upstream'],
  [['refresh', `up.example/app@sha256:${'0'.repeat(64)}`], 'which never changes: say a tag'],
  [['refresh', 'up.example/none:v1'], 'upstream up.example has no such tag v1'],
  [['refresh', 'nowhere.example/none:v1'], 'project nowhere.example caches no upstream'],
  [['refresh'], "error: missing required argument 'images'"],
  [['prefetch', 'up.example/app', '--platform', 'amd64'], '"amd64" is no platform'],
  [['prefetch', 'up.example/app', '--all-platforms', '--platform', 'a/b'], 'exclude each other'],
  [['prefetch', 'up.example/app', '--timeout', 'x'], 'error: invalid duration "x"'],
  [['purge', 'up.example/app:none'], '(NotFound)'],
  [['import-image', 'hers/web', '--from=up.example/none:v1'], 'has no such tag v1'],
  [['import-image', 'hers/web', '--from=nowhere.example/a'], 'nowhere.example is no upstream here'],
  [['import-image', 'hers/web', '--reference-policy=Remote'], 'is local or source, not Remote'],
  [['tag', '--source=istag', 'a/b', 'hers/web'], '--source=istag is not supported: say docker'],
])('%j ends with 1 and says what is wrong', async (args, said) => {
  const failed = await admin(args).catch((error: Error) => error)
  expect(String(failed)).toContain('ended with 1:\n')
  expect(String(failed)).toContain(said)
})

it('whoever may not change the cache may ask for nothing', async () => {
  await expect(world.alice(['purge', 'up.example/team/app:v1'])).rejects.toThrow(
    'Error from server (Forbidden): imagestreams.image.openshift.io "team/app" is forbidden',
  )
})
