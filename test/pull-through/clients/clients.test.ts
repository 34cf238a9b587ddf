/** Real clients pull what a registry holds through a cache of it, each in the way that its users configure. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Client } from '../../clients/client.ts'
import { containerd } from '../../clients/containerd.ts'
import { manifestDigest } from '../../clients/manifest-digest.ts'
import { basic } from '../../http/served-registry.ts'
import { requireTools } from '../../tools/require-tools.ts'
import {
  DISTRIBUTION_LOGIN,
  startDistribution,
  type RunningDistribution,
} from '../start-distribution.ts'
import { CACHE_CLIENTS } from './cache-client.ts'
import { openCacheSetting, type CacheSetting } from './open-cache-setting.ts'
import {
  AMD64,
  ARM64,
  PUSHERS,
  pushUpstreamImages,
  SBOM,
  TEXTS,
  type UpstreamImages,
} from './push-upstream-images.ts'

/** The engine goes to Docker Hub itself, which it does not find here, when a mirror refuses. */
const REFUSED =
  /unauthorized|authentication required|authorization failed|denied|401|lookup registry-1\.docker\.io/i

describe.each([
  ['a public cache, anonymously', undefined],
  ['a private cache, with a login', `${DISTRIBUTION_LOGIN.user}:${DISTRIBUTION_LOGIN.password}`],
])('%s', (_, login) => {
  let distribution: RunningDistribution
  let images: UpstreamImages
  let folder: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-upstream-images-'))
    await requireTools(PUSHERS)
    distribution = await startDistribution({ login: login !== undefined })
    images = await pushUpstreamImages(new URL(distribution.url).host, join(folder, 'push'), login)
  })

  afterAll(async () => {
    await distribution?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  describe.each(CACHE_CLIENTS)('$under.name by $way', (one) => {
    const { under } = one
    let setting: CacheSetting
    let client: Client

    beforeAll(async () => {
      await requireTools([...under.tools, 'openssl'])
      setting = await openCacheSetting(distribution.url, login)
      one.configure?.(setting)
      client = await under.create(setting)
    })

    afterAll(async () => {
      await client?.close?.()
      await setting?.close()
    })

    beforeEach(({ onTestFailed }) => {
      const before = setting.server.log().length
      onTestFailed(() => console.error(`The server said:\n${setting.server.log().slice(before)}`))
    })

    const named = (name: string): string => one.imageName(setting.server.host, name)

    it.runIf(login !== undefined)('gets nothing before it has logged in', async () => {
      await expect(client.pull(named('library/hello:v1'), AMD64)).rejects.toThrow(REFUSED)
      expect(setting.upstream.exchanges).toEqual([])
      if (one.login) one.login(setting)
      else await client.login(setting.server.user, setting.server.password)
    })

    it('pulls each platform of an index', async () => {
      for (const [platform, text] of Object.entries(TEXTS)) {
        const pulled = await client.pull(named('library/hello:v1'), platform)
        expect(pulled.text).toBe(text)
      }
      expect(setting.asked.join('\n')).toMatch(one.asks)
    })

    it('pulls what docker and what crane push', async () => {
      const schema2 = await client.pull(named('library/schema2:v1'), AMD64)
      expect(schema2.text).toBe('schema 2')
      expect(schema2.digests).toContain(images.schema2)
      const plain = await client.pull(named('library/plain:v1'), AMD64)
      expect(plain.text).toBe('plain')
      expect(plain.digests).toContain(images.plain)
    })

    it('pulls by digest', async () => {
      const byDigest = named(`library/hello@${images.index}`)
      expect((await client.pull(byDigest, ARM64)).text).toBe(TEXTS[ARM64])
    })

    // By the cache's own name: podman looks at no mirror for them.
    it.runIf(!under.cannot.tags)('lists the tags', async () => {
      const repository = `${setting.server.host}/docker.io/library/plain`
      expect((await client.tags?.(repository))?.toSorted()).toEqual(['v1', 'v2'])
    })

    it.runIf(!under.cannot.referrers)('finds what refers to an image', async () => {
      expect(await client.referrers?.(named('library/hello:v1'))).toEqual([SBOM])
    })

    it.runIf(under === containerd)('is told which registry it reads', async () => {
      const { url, user, password } = setting.server
      const headers = { authorization: basic(user, password) }
      const path = '/v2/library/hello/manifests/v1?ns=docker.io'
      const answer = await fetch(url + path, { method: 'HEAD', headers })
      expect(answer.status).toBe(200)
      expect(answer.headers.get('oci-namespace')).toBe('docker.io')
      expect(answer.headers.get('docker-content-digest')).toBe(images.index)
    })

    it.runIf(login !== undefined && !under.cannot.remove)(
      'copies an image and its signature, the same to the byte, into a project of ours',
      async () => {
        const { tag, digest } = images.signature
        const { host } = setting.server
        await client.copy(named(`library/hello:${tag}`), `${host}/default/hello:${tag}`)
        expect(await manifestDigest(setting, `${host}/default/hello:${tag}`)).toBe(digest)
        await client.copy(named('library/hello:v1'), `${host}/default/hello:v1`)
        expect(await manifestDigest(setting, `${host}/default/hello:v1`)).toBe(images.index)
      },
    )

    it('has it all when the upstream is gone, and asked it once for each', async () => {
      const gets = setting.upstream.exchanges.filter((one) =>
        /^GET \/v2\/.+\/blobs\/.* -> 200$/.test(one),
      )
      expect(gets.length).toBeGreaterThan(0)
      expect(new Set(gets).size).toBe(gets.length)
      await setting.upstream.close()
      for (const [platform, text] of Object.entries(TEXTS)) {
        expect((await client.pull(named('library/hello:v1'), platform)).text).toBe(text)
      }
    })
  })
})
