/** A client that chunks needs no upload door: every chunk fits through the gateway, and any environment may get any. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand } from '../../clients/run-command.ts'
import { fileDigest, writeLargeLayout } from '../../clients/write-large-layout.ts'
import { requireTools, toolPath } from '../../tools/require-tools.ts'
import { engineUrls } from '../engines/engines.ts'
import { startCloud, type RunningCloud } from '../start-cloud.ts'

const LAYER_BYTES = 30_000_001
/** Below the 5 MiB of a part of S3, and with base64 below what Lambda takes. */
const CHUNK_BYTES = 4_000_000

describe('regctl with --blob-max and no upload door', () => {
  let cloud: RunningCloud
  let dir: string

  beforeAll(async () => {
    await requireTools(['regctl'])
    dir = mkdtempSync(join(tmpdir(), 'sluice-chunks-'))
    cloud = await startCloud({
      engines: engineUrls(),
      uploadDoor: false,
      // A cold environment for nearly each chunk: nothing that one remembers is of use to the next.
      rules: { invocationsPerEnvironment: 2 },
    })
  }, 120_000)

  afterAll(async () => {
    await cloud?.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  const run = (args: readonly string[], input?: string): Promise<string> =>
    runCommand(toolPath('regctl'), args, {
      env: { HOME: dir, DOCKER_CONFIG: dir, REGCTL_CONFIG: join(dir, 'regctl.json') },
      ...(input !== undefined && { input }),
    })

  it('pushes a layer in chunks, and pulls the same', { timeout: 240_000 }, async () => {
    const { host, user, password, gateway } = cloud
    const layout = join(dir, 'layout')
    const digest = await writeLargeLayout(layout, LAYER_BYTES)
    const chunks = ['--blob-chunk', String(CHUNK_BYTES), '--blob-max', String(CHUNK_BYTES)]
    await run(['registry', 'set', '--skip-check', '--tls', 'disabled', ...chunks, host])
    await run(['registry', 'login', host, '--user', user, '--pass-stdin'], password)
    const image = `${host}/default/chunked:v1`
    await run(['image', 'copy', `ocidir://${layout}:latest`, image])
    expect(gateway.coldStarts()).toBeGreaterThanOrEqual(LAYER_BYTES / CHUNK_BYTES / 2)

    const pulled = join(dir, 'pulled')
    await run(['image', 'copy', image, `ocidir://${pulled}:latest`])
    const layer = join(pulled, 'blobs', digest.replace(':', '/'))
    expect(existsSync(layer)).toBe(true)
    expect(await fileDigest(layer)).toBe(digest)
  })

  it('is told clearly when a body is more than the gateway takes', async () => {
    const { url, user, password } = cloud
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
    const headers = { authorization }
    const uploads = `${url}/v2/default/app/blobs/uploads/`
    const started = await fetch(uploads, { method: 'POST', headers })
    const location = new URL(started.headers.get('location') ?? '', url)
    const answer = await fetch(location, {
      method: 'PATCH',
      headers: { ...headers, 'content-type': 'application/octet-stream' },
      body: new Uint8Array(11_000_000),
    })
    expect(answer.status).toBe(413)
    expect(await answer.json()).toEqual({ message: 'Request Entity Too Large' })
    const status = await fetch(location, { headers })
    expect({ status: status.status, range: status.headers.get('range') }).toEqual({
      status: 204,
      range: '0-0',
    })
  })
})
