import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasTls } from '../start-registry.ts'
import { toolPath } from '../tools/require-tools.ts'
import type { Setting } from './client.ts'
import { openSetting } from './open-setting.ts'
import { runCommand } from './run-command.ts'
import { fileDigest, writeLargeLayout } from './write-large-layout.ts'

/** More than 2 GiB, where a 32-bit length would break, and no round number of any block. */
const BYTES = 2 * 1024 ** 3 + 12_345
/** The layer at its source, in the registry (twice, while an upload becomes a blob), and pulled back. */
const NEEDED = 5 * BYTES

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
})
