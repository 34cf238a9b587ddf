/** `npm run start:aws`: the cloud on this machine, for whoever wants to try it by hand. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { OCI_MANIFEST } from '@sluice/core/media-type'
import { basic } from '../http/served-registry.ts'
import { describeBytes, manifestBytes } from '../http/push.ts'
import { ServerProcess } from '../server/server-process.ts'

const PROGRAM = fileURLToPath(new URL('start-aws.ts', import.meta.url))
const REPOSITORY = '/v2/default/app'
const READY = 'Ready: the emulated gateway, its functions and the upload door are up.\n'

const layer = Buffer.from('of a layer')
const ofLayer = describeBytes(layer)
const image = manifestBytes({ mediaType: OCI_MANIFEST, config: ofLayer, layers: [ofLayer] })

const askOf = (url: string) => (method: string, path: string, body?: Buffer, type?: string) =>
  fetch(new URL(path, url), {
    method,
    redirect: 'manual',
    headers: {
      authorization: basic('kubeadmin', 'chosen'),
      ...(type !== undefined && { 'content-type': type }),
    },
    ...(body && { body: new Uint8Array(body) }),
  })

describe('npm run start:aws', { timeout: 120_000 }, () => {
  let directory: string
  const started: ServerProcess[] = []
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'sluice-start-aws-'))
  })
  afterEach(async () => {
    for (const one of started) one.kill('SIGTERM')
    await Promise.all(started.splice(0).map((one) => one.exitCode()))
  })
  afterAll(() => rmSync(directory, { recursive: true }))

  const start = (args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) => {
    const settings = { SLUICE_PORT: '0', SLUICE_DATA_DIR: join(directory, 'data'), ...env }
    const server = new ServerProcess(args, settings, [PROGRAM])
    started.push(server)
    return server
  }
  it('takes the settings of npm start, says when it is ready, and keeps what was pushed', async () => {
    const first = start([], { SLUICE_ADMIN_PASSWORD: 'chosen' })
    const url = await first.url(60_000)
    expect(first.said).toContain(`podman login -u kubeadmin -p chosen ${new URL(url).host} --tls`)
    await vi.waitFor(() => expect(first.said.endsWith(READY)).toBe(true))
    const ask = askOf(url)
    const upload = `${REPOSITORY}/blobs/uploads/?digest=${ofLayer.digest}`
    expect((await ask('POST', upload, layer)).status).toBe(201)
    const put = await ask('PUT', `${REPOSITORY}/manifests/v1`, image, OCI_MANIFEST)
    expect(put.status).toBe(201)
    first.kill('SIGTERM')
    expect(await first.exitCode()).toBe(0)

    const askAgain = askOf(await start().url(60_000))
    const got = await askAgain('GET', `${REPOSITORY}/manifests/v1`)
    expect(Buffer.from(await got.arrayBuffer()).equals(image)).toBe(true)
    const blob = await askAgain('GET', `${REPOSITORY}/blobs/${ofLayer.digest}`)
    expect(blob.status).toBe(307)
    const link = new URL(blob.headers.get('location') ?? '')
    // As in the cloud, S3 has another name than the registry.
    expect(link.hostname).not.toBe(new URL(url).hostname)
    expect(await (await fetch(link)).text()).toBe('of a layer')
  })

  it.each<[string, () => Record<string, string>, string]>([
    [
      'a program that is not there',
      () => ({}),
      'start:aws: dynamodb did not start: spawn java ENOENT',
    ],
    [
      'a tool that cannot be installed',
      () => ({ SLUICE_TOOL_CACHE: join(directory, 'tools') }),
      'start:aws: dynamodb-local cannot be installed: ',
    ],
    [
      'a setting that is none',
      () => ({ SLUICE_PORT: 'many' }),
      'sluice: --port (SLUICE_PORT) must be ',
    ],
  ])('ends with 1 and says which piece fails, and why: %s', async (_, env, line) => {
    const failed = start([], { PATH: directory, ...env() })
    expect(await failed.exitCode()).toBe(1)
    expect(failed.said).toBe('')
    expect(failed.logged.split('\n').at(-2)).toContain(line)
    expect(failed.logged).not.toContain('    at ')
  })
})
