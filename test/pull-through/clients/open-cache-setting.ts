import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCertificates } from '../../clients/certificate-authority.ts'
import type { Setting } from '../../clients/client.ts'
import { startRecorder, type Recorder } from '../../clients/start-recorder.ts'
import { freePort } from '../../free-port.ts'
import { startSluice } from '../../running-sluice.ts'
import { prepareCaches } from '../prepare-caches.ts'

/** A server that caches one upstream as docker.io, and a folder for one client. */
export interface CacheSetting extends Setting {
  /** What the client asked for; the server is reached through it. */
  readonly asked: readonly string[]
  /** What the upstream was asked for. */
  readonly upstream: Recorder
  close(): Promise<void>
}

/** `login`: of the upstream, `<user>:<password>`; with one its cache is private. */
export async function openCacheSetting(
  upstreamUrl: string,
  login: string | undefined,
): Promise<CacheSetting> {
  const world = mkdtempSync(join(tmpdir(), 'sluice-cache-'))
  const { caFile, caDir } = await createCertificates(join(world, 'certificates'))
  const upstream = await startRecorder(Number(new URL(upstreamUrl).port), await freePort())
  const credentials = { type: 'basic', secretName: 'hub' } as const
  const { dataDir, env } = prepareCaches(
    world,
    { 'docker.io': { urls: [`http://${upstream.host}`], ...(login && { credentials }) } },
    login === undefined ? {} : { hub: login },
  )
  const sluice = await startSluice({ dataDir, env })
  const before = await startRecorder(Number(new URL(sluice.url).port), await freePort())
  const url = `http://${before.host}`
  const dir = join(world, 'client')
  mkdirSync(dir)
  return {
    server: { ...sluice, url, host: before.host },
    tls: false,
    caFile,
    caDir,
    dir,
    registryMirror: url,
    asked: before.exchanges,
    upstream,
    async close() {
      await before.close()
      await sluice.stop()
      if (upstream.isOpen) await upstream.close()
      rmSync(world, { recursive: true, force: true })
    },
  }
}
