/** A scripted upstream, and a project behind a door that caches it. */
import type { UpstreamSettings } from '@sluice/core/upstream/upstream-settings'
import { UPSTREAM_DEFAULTS } from '@sluice/core/upstream/upstream-presets'
import { afterAll, afterEach, beforeAll } from 'vitest'
import {
  startScriptedUpstream,
  type ScriptedUpstream,
} from '../../upstream/start-scripted-upstream.ts'
import { makeImage, putImage, type MadeImage } from '../../upstream/upstream-content.ts'
import type { DoorUnderTest } from '../door-under-test.ts'

const OWNER = { user: 'system:admin', groups: ['system:masters'] }

/** Settings of an upstream on this machine that is asked about a tag each time. */
export const settingsOf = (
  url: string,
  more: Partial<UpstreamSettings> = {},
): UpstreamSettings => ({
  ...UPSTREAM_DEFAULTS,
  urls: [url],
  tagAges: [{ pattern: '*', seconds: 60 }],
  insecure: true,
  privateAddresses: true,
  ...more,
})

export class CachedUpstream {
  readonly #door: DoorUnderTest
  #upstream: ScriptedUpstream | undefined
  #made = 0

  /** Registers what starts and ends it around each file's tests. */
  constructor(door: DoorUnderTest) {
    this.#door = door
    beforeAll(async () => {
      this.#upstream = await startScriptedUpstream()
    })
    afterEach(() => {
      this.upstream.heal()
      this.upstream.forget()
      this.upstream.login = undefined
      this.upstream.redirectsBlobs = false
      // What a test has broken must not keep the next from asking.
      this.#door.clock.advance(24 * 3_600_000)
    })
    afterAll(() => this.#upstream?.close())
  }

  get upstream(): ScriptedUpstream {
    if (!this.#upstream) throw new Error('the upstream has not started')
    return this.#upstream
  }

  /** A project of a new name that caches it. */
  async cache(more: Partial<UpstreamSettings> = {}, named?: string): Promise<string> {
    const name = named ?? `cache-${++this.#made}.example`
    const content = settingsOf(this.upstream.url, more)
    await this.#door.registry.upstreams.create(OWNER, undefined, { name, content })
    // Settings that were read are believed for ten seconds.
    this.#door.clock.advance(11_000)
    return name
  }

  /** An image of random layers, at the upstream under a repository of its own. */
  async image(sizes: readonly number[] = [1000], tag = 'latest'): Promise<Known> {
    const repository = `org/app-${++this.#made}`
    const image = makeImage(sizes.map((size) => noise(size)))
    await putImage(this.upstream.content, repository, tag, image)
    return { repository, image }
  }
}

export interface Known {
  readonly repository: string
  readonly image: MadeImage
}

export function noise(size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size)
  crypto.getRandomValues(bytes.subarray(0, Math.min(size, 65_536)))
  for (let at = 65_536; at < size; at += 65_536) {
    bytes.copy(bytes, at, 0, Math.min(65_536, size - at))
    bytes.writeUInt32LE(at, at)
  }
  return bytes
}
