import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { engineUnderTest, hasTls } from '../start-registry.ts'
import { toolPath } from '../tools/require-tools.ts'
import { buildah } from './buildah.ts'
import type { Client, Setting } from './client.ts'
import { containerd } from './containerd.ts'
import { docker } from './docker.ts'
import { manifestDigest } from './manifest-digest.ts'
import { openSetting } from './open-setting.ts'
import { podman } from './podman.ts'
import { runCommand } from './run-command.ts'
import { fileDigest, writeLargeLayout } from './write-large-layout.ts'

/** More than 2 GiB, where a 32-bit length would break, and no round number of any block. */
const BYTES = 2 * 1024 ** 3 + 12_345
/** At its source; with an engine that built it, as a file and as a layer; in the registry; pulled back, as it travelled and as a file. */
const NEEDED = 8 * BYTES

const CHUNK = String(64 * 1024 ** 2)
const IN_CHUNKS = ['--blob-chunk', CHUNK, '--blob-max', CHUNK]

interface Journey {
  readonly title: string
  readonly tool: 'skopeo' | 'oras' | 'crane' | 'regctl'
  readonly tls: boolean
  /** Before all else, where a command cannot say who asks and whom it trusts; the last of each is its input. */
  logins?(setting: Setting): readonly (readonly [args: readonly string[], input: string])[]
  /** Who asks, and whom it trusts, for the end of the command that is the registry. */
  flags?(setting: Setting, end: 'from' | 'to'): readonly string[]
  push(layout: string, image: string): readonly string[]
  pull(layout: string, image: string): readonly string[]
}

const journeys: readonly Journey[] = [
  {
    title: `skopeo, in one PATCH${hasTls() ? ', over TLS' : ''}`,
    tool: 'skopeo',
    tls: hasTls(),
    flags: ({ server, caDir, tls }, end) => [
      '--preserve-digests',
      `--${end === 'from' ? 'src' : 'dest'}-creds=${server.user}:${server.password}`,
      ...(tls
        ? [`--${end === 'from' ? 'src' : 'dest'}-cert-dir=${caDir}`]
        : [`--${end === 'from' ? 'src' : 'dest'}-tls-verify=false`]),
    ],
    push: (layout, image) => ['copy', `oci:${layout}:latest`, `docker://${image}`],
    pull: (layout, image) => ['copy', `docker://${image}`, `oci:${layout}:latest`],
  },
  {
    title: 'oras, in one PUT, over plain HTTP',
    tool: 'oras',
    tls: false,
    flags: ({ server }, end) => [
      `--${end}-username=${server.user}`,
      `--${end}-password=${server.password}`,
      `--${end}-plain-http`,
    ],
    push: (layout, image) => ['cp', '--from-oci-layout', `${layout}:latest`, image],
    pull: (layout, image) => ['cp', '--to-oci-layout', image, `${layout}:latest`],
  },
  {
    title: `crane, in one PATCH${hasTls() ? ', over TLS' : ''}`,
    tool: 'crane',
    tls: hasTls(),
    logins: ({ server }) => [
      [['auth', 'login', server.host, '-u', server.user, '--password-stdin'], server.password],
    ],
    push: (layout, image) => ['push', layout, image],
    pull: (layout, image) => ['pull', '--format=oci', image, layout],
  },
  {
    title: 'regctl, in chunks, over plain HTTP',
    tool: 'regctl',
    tls: false,
    logins: ({ server }) => [
      [['registry', 'set', '--skip-check', '--tls', 'disabled', ...IN_CHUNKS, server.host], ''],
      [['registry', 'login', server.host, '--user', server.user, '--pass-stdin'], server.password],
    ],
    push: (layout, image) => ['image', 'copy', `ocidir://${layout}:latest`, image],
    pull: (layout, image) => ['image', 'copy', image, `ocidir://${layout}:latest`],
  },
]

/** They make the layer themselves, with those bytes as a file in it; being noise, the layer is no smaller for all their compression. */
const engines = [
  { under: podman, tls: hasTls() },
  { under: buildah, tls: false },
  { under: docker, tls: false },
  { under: containerd, tls: hasTls() },
].map((engine) => ({
  ...engine,
  title: `${engine.under.name}, ${engine.tls ? 'over TLS' : 'over plain HTTP'}`,
}))

describe('A layer of 2 GB comes back as it was sent', () => {
  let source: string
  let digest: string

  beforeAll(async () => {
    source = mkdtempSync(join(tmpdir(), 'sluice-large-'))
    const { bavail, bsize } = statfsSync(source)
    if (bavail * bsize < NEEDED) throw new Error(`${tmpdir()} has no ${NEEDED} bytes free`)
    digest = await writeLargeLayout(join(source, 'layout'), BYTES)
  }, 300_000)

  afterAll(() => rmSync(source, { recursive: true, force: true }))

  it.for(journeys)('$title', { timeout: 600_000 }, async (journey, { onTestFailed }) => {
    const setting = await openSetting([journey.tool], journey.tls)
    onTestFailed(() => console.error(`The server said:\n${setting.server.log()}`))
    const { dir } = setting
    const own = { DOCKER_CONFIG: dir, REGCTL_CONFIG: join(dir, 'regctl.json') }
    const env = { HOME: dir, TMPDIR: dir, SSL_CERT_FILE: setting.caFile, ...own }
    const run = (args: readonly string[], input = ''): Promise<string> =>
      runCommand(toolPath(journey.tool), args, { env, input })
    const flags = (end: 'from' | 'to') => journey.flags?.(setting, end) ?? []
    const pulled = join(setting.dir, 'pulled')
    const image = `${setting.server.host}/default/large:v1`
    try {
      for (const login of journey.logins?.(setting) ?? []) await run(...login)
      const began = performance.now()
      await run([...journey.push(join(source, 'layout'), image), ...flags('to')])
      const pushed = performance.now()
      await run([...journey.pull(pulled, image), ...flags('from')])
      const took = [pushed - began, performance.now() - pushed].map((ms) => (ms / 1000).toFixed(1))
      console.log(`${journey.title}: pushed in ${took[0]} s, pulled in ${took[1]} s`)
      expect(await fileDigest(join(pulled, 'blobs', digest.replace(':', '/')))).toBe(digest)
    } finally {
      await setting.close()
    }
  })

  // On the laptop alone: four engines at this weight take minutes, and the cloud takes the layer from the four clients above.
  it.skipIf(engineUnderTest() !== 'laptop').for(engines)(
    '$title',
    { timeout: 600_000 },
    async (engine, { onTestFailed }) => {
      const { under, title, tls } = engine
      const setting = await openSetting(under.tools, tls)
      const { user, password, host } = setting.server
      onTestFailed(() => console.error(`The server said:\n${setting.server.log()}`))
      let client: Client | undefined
      try {
        client = await under.create(setting)
        await client.login(user, password)
        const image = `${client.host ?? host}/default/large:v1`
        const ballast = join(source, 'layout/blobs', digest.replace(':', '/'))
        const times = [performance.now()]
        await client.build(image, { 'linux/amd64': 'heavy' }, ballast)
        times.push(performance.now())
        await client.push(image)
        times.push(performance.now())
        const pulled = await client.pull(image, 'linux/amd64')
        times.push(performance.now())
        const [built, sent, got] = times
          .slice(1)
          .map((end, nth) => ((end - (times[nth] ?? 0)) / 1000).toFixed(1))
        console.log(`${title}: built in ${built} s, pushed in ${sent} s, pulled in ${got} s`)
        expect(pulled.ballast).toBe(digest)
        expect(pulled.digests).toContain(await manifestDigest(setting, image))
      } finally {
        await client?.close?.()
        await setting.close()
      }
    },
  )
})
