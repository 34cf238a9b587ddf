/** A cache of a scripted upstream that has one image, and as many processes over its records as a test wants. */
import { HttpUpstreamDialer } from '@sluice/adapters/upstream/http-upstream-dialer'
import type { RepositoryName } from '@sluice/core/repository-name'
import { createRegistry, type Registry, type RegistryPorts } from '@sluice/core/registry'
import { UPSTREAM_DEFAULTS } from '@sluice/core/upstream/upstream-presets'
import { openTemporaryRegistry, type TemporaryRegistry } from '../temporary-registry.ts'
import {
  startScriptedUpstream,
  type ScriptedUpstream,
} from '../upstream/start-scripted-upstream.ts'
import { digestOfBytes, makeImage, putImage } from '../upstream/upstream-content.ts'

const NAME = 'up.example'
const OWNER = { user: 'system:admin', groups: ['system:masters'] }

/** Instead of the cache's own table and store, or beside them. */
export interface ProcessPorts extends Partial<Pick<RegistryPorts, 'table' | 'store' | 'metrics'>> {
  readonly onUnkept?: (error: unknown) => void
}

export class ScriptedCache {
  readonly repository = `${NAME}/org/app` as RepositoryName
  readonly upstream: ScriptedUpstream
  readonly temporary: TemporaryRegistry
  readonly #layer: Buffer

  private constructor(upstream: ScriptedUpstream, temporary: TemporaryRegistry, layer: Buffer) {
    this.upstream = upstream
    this.temporary = temporary
    this.#layer = layer
  }

  /** `layer`: the one of the image. */
  static async open(layer: Buffer): Promise<ScriptedCache> {
    const upstream = await startScriptedUpstream()
    await putImage(upstream.content, 'org/app', 'v1', makeImage([layer]))
    const temporary = await openTemporaryRegistry()
    const content = {
      ...UPSTREAM_DEFAULTS,
      urls: [upstream.url],
      insecure: true,
      privateAddresses: true,
    }
    await temporary.registry.upstreams.create(OWNER, undefined, { name: NAME, content })
    return new ScriptedCache(upstream, temporary, layer)
  }

  /** One more process. */
  registryOver({ onUnkept, ...ports }: ProcessPorts = {}): Registry {
    const { table, store, clock } = this.temporary
    return createRegistry({
      table,
      store,
      clock,
      ...ports,
      upstreams: {
        pseudonym: 'sluice-0123456789abcdef',
        dialer: (tokens) =>
          new HttpUpstreamDialer({
            secrets: { read: async () => undefined },
            tokens,
            clock,
            onProblem: () => undefined,
          }),
        ...(onUnkept && { onUnkept }),
      },
    })
  }

  async pullManifest(registry: Registry): Promise<void> {
    await registry.pulls.manifest(this.repository, { tag: 'v1' as never })
  }

  async pullLayer(registry: Registry): Promise<Buffer> {
    const digest = digestOfBytes(this.#layer)
    const blob = await registry.pulls.blob(this.repository, digest, { keep: false })
    const bytes = await blob.read('GET', undefined)
    if ('url' in bytes) throw new Error('nothing here redirects')
    const pieces: Uint8Array[] = []
    for await (const piece of bytes.source) pieces.push(piece.slice())
    return Buffer.concat(pieces)
  }

  async close(): Promise<void> {
    await this.upstream.close()
    await this.temporary.close()
  }
}
