/** A server evicts from its caches by itself, whatever nobody asks of it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OCI_MANIFEST } from '@sluice/core/media-type'
import { expect, it, onTestFinished, vi } from 'vitest'
import { prepareCaches } from '../pull-through/prepare-caches.ts'
import { startSluice } from '../running-sluice.ts'
import { startScriptedUpstream } from '../upstream/start-scripted-upstream.ts'
import { digestOfBytes, makeImage, putImage } from '../upstream/upstream-content.ts'

it('with each sweep, what is more than a cache may hold', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-evictions-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const upstream = await startScriptedUpstream()
  onTestFinished(() => upstream.close())
  const layer = Buffer.alloc(5000, 7)
  const image = makeImage([layer])
  await putImage(upstream.content, 'app', 'latest', image)
  const { dataDir, env } = prepareCaches(directory, {
    'up.example': { urls: [upstream.url], maxBytes: 4000 },
  })
  const sluice = await startSluice({ dataDir, env: { ...env, SLUICE_SWEEP_INTERVAL: '1' } })
  onTestFinished(() => sluice.stop())
  const authorization = `Basic ${btoa(`${sluice.user}:${sluice.password}`)}`
  const get = (path: string) =>
    fetch(`${sluice.url}${path}`, { headers: { authorization, accept: OCI_MANIFEST } })
  const tags = async (): Promise<unknown> => {
    const path = '/apis/image.openshift.io/v1/namespaces/up.example/imagestreams/app'
    return ((await (await get(path)).json()) as { status: { tags: unknown[] } }).status.tags
  }
  for (const path of ['manifests/latest', `blobs/${digestOfBytes(layer)}`]) {
    const found = await get(`/v2/up.example/app/${path}`)
    expect(found.status).toBe(200)
    await found.arrayBuffer()
  }
  const evicted = () => expect(sluice.log()).toContain('msg="evicted from caches"')
  await vi.waitFor(evicted, { timeout: 30_000 })
  expect(await tags()).toEqual([])
  expect(upstream.requests.map(({ kind }) => kind)).toEqual(['manifest-get', 'blob-get'])
})
