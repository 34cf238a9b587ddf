/** A real server of several threads, with another registry behind it, whose metrics are read before and after. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf } from '@sluice/core/digest'
import { OCI_MANIFEST } from '@sluice/core/media-type'
import { stringify } from 'yaml'
import { startSluice, type RunningSluice } from '../running-sluice.ts'
import {
  startScriptedUpstream,
  type ScriptedUpstream,
} from '../upstream/start-scripted-upstream.ts'
import { makeImage, type MadeImage } from '../upstream/upstream-content.ts'
import { moved, scrape, SECRET, type Samples } from './scrape.ts'

export const UPSTREAM = 'docker.io'

export class WatchedServer {
  readonly sluice: RunningSluice
  readonly upstream: ScriptedUpstream
  readonly #directory: string

  private constructor(sluice: RunningSluice, upstream: ScriptedUpstream, directory: string) {
    this.sluice = sluice
    this.upstream = upstream
    this.#directory = directory
  }

  static async start(
    options: {
      readonly env?: Readonly<Record<string, string>>
      readonly upstream?: object
      readonly dataDir?: string
    } = {},
  ): Promise<WatchedServer> {
    const upstream = await startScriptedUpstream()
    const directory = mkdtempSync(join(tmpdir(), 'sluice-metrics-'))
    const file = join(directory, 'upstreams.yaml')
    const spec = { urls: [upstream.url], insecure: true, privateAddresses: true }
    const metadata = { name: UPSTREAM }
    const object = { apiVersion: 'sluice.dev/v1', kind: 'Upstream', metadata }
    writeFileSync(file, stringify({ ...object, spec: { ...spec, ...options.upstream } }))
    const env = {
      SLUICE_UPSTREAMS_CONFIG: file,
      SLUICE_METRICS_SECRET: SECRET,
      SLUICE_ACCESS_LOG: 'off',
      SLUICE_THREADS: '4',
      ...options.env,
    }
    const { dataDir } = options
    const sluice = await startSluice({ env, ...(dataDir !== undefined && { dataDir }) })
    return new WatchedServer(sluice, upstream, directory)
  }

  async ask(
    method: string,
    path: string,
    body?: Uint8Array<ArrayBuffer>,
    type = 'application/octet-stream',
  ): Promise<Response> {
    const { user, password, url } = this.sluice
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
    const answer = await fetch(new URL(path, url), {
      method,
      headers: { authorization, ...(body && { 'content-type': type }) },
      redirect: 'manual',
      ...(body && { body }),
    })
    // Nothing of it is left to come.
    const bytes = await answer.arrayBuffer()
    return new Response(bytes.byteLength === 0 ? null : bytes, answer)
  }

  /** Pushes what is new in the plainest way. */
  async push(repository: string, tag: string, image: MadeImage): Promise<void> {
    for (const blob of [image.config, ...image.layers]) {
      const digest = digestOf('sha256', blob)
      await this.ask('POST', `/v2/${repository}/blobs/uploads/?digest=${digest}`, copy(blob))
    }
    const answer = await this.put(repository, tag, image.bytes)
    if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`)
  }

  put(repository: string, reference: string, manifest: Buffer): Promise<Response> {
    return this.ask('PUT', `/v2/${repository}/manifests/${reference}`, copy(manifest), OCI_MANIFEST)
  }

  /** What the work moves, by family. */
  async watch(
    work: () => Promise<unknown>,
  ): Promise<(family: string) => Readonly<Record<string, number>>> {
    const before = await this.scrape()
    await work()
    const after = await this.scrape()
    return (family) => moved(before, after, family)
  }

  scrape(): Promise<Samples> {
    return scrape(this.sluice)
  }

  async stop(): Promise<void> {
    await this.sluice.stop()
    await this.upstream.close()
    rmSync(this.#directory, { recursive: true })
  }
}

export const copy = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes)

let made = 0

/** One that nobody has seen, of layers of these sizes. */
export const newImage = (sizes: readonly number[] = [1000]): MadeImage =>
  makeImage(sizes.map((size) => Buffer.alloc(size, `layer ${++made} `)))
