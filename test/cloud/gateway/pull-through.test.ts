/** Other registries, read through behind the gateway: functions that are frozen between requests, a queue, and S3. */
import { DynamoDbTable } from '@sluice/adapters/aws/dynamodb-table'
import { parseDigest } from '@sluice/core/digest'
import { MISS_POLICIES } from '@sluice/core/upstream/upstream-settings'
import { fillRecord } from '@sluice/core/records/fill-record'
import { fillKey, uploadKey } from '@sluice/core/records/keys'
import { uploadRecord } from '@sluice/core/records/upload-record'
import { parseProjectName } from '@sluice/core/repository-name'
import { Agent as PlainAgent } from 'node:http'
import { Agent, request } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { json, type Answer, type Ask, type Question } from '../../http/answer.ts'
import { askOverASocket } from '../../http/ask-over-a-socket.ts'
import { noise } from '../../http/pull-through/cached-upstream.ts'
import { basic } from '../../http/served-registry.ts'
import type { ScriptedUpstream } from '../../upstream/start-scripted-upstream.ts'
import { startSecureUpstream, type SecureUpstream } from '../../upstream/start-secure-upstream.ts'
import { digestOfBytes, makeImage, putImage } from '../../upstream/upstream-content.ts'
import { engineClients } from '../engines/engine-clients.ts'
import { engineUrls } from '../engines/engines.ts'
import { startCloud, type RunningCloud } from '../start-cloud.ts'

const MEBIBYTE = 1024 * 1024
const CLIENTS = 40

/** Of the upstream's store, whose certificate nobody knows. */
function fetchInsecurely(url: string): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const agent = new Agent({ rejectUnauthorized: false })
  request(url, { agent }, (incoming) => {
    Array.fromAsync<Buffer>(incoming).then((pieces) => resolve(Buffer.concat(pieces)), reject)
  })
    .on('error', reject)
    .end()
  return promise
}

const bytesAt = async (url = ''): Promise<Buffer> =>
  url.startsWith('https:')
    ? fetchInsecurely(url)
    : Buffer.from(await (await fetch(url)).arrayBuffer())

describe('pull-through behind the gateway', () => {
  const agent = new PlainAgent({ keepAlive: true, maxSockets: CLIENTS })
  let cloud: RunningCloud
  let secure: SecureUpstream
  let upstream: ScriptedUpstream
  let ask: Ask
  let made = 0

  /** Asks again while it is told to come again, or no environment is free. */
  const patiently = async (question: Omit<Question, 'as'>): Promise<Answer> => {
    for (;;) {
      const answer = await ask(question)
      if (answer.status !== 503) return answer
      await sleep(50)
    }
  }

  const create = async (path: string, object: object): Promise<void> => {
    const headers = { 'Content-Type': 'application/json' }
    const made = await patiently({ method: 'POST', path, headers, body: JSON.stringify(object) })
    expect(made.status).toBe(201)
  }

  /** At the upstream, under a name of its own. */
  const newImage = async (sizes: readonly number[]) => {
    const repository = `org/app-${++made}`
    const image = makeImage(sizes.map((size) => noise(size)))
    await putImage(upstream.content, repository, 'latest', image)
    const blobs = [image.config, ...image.layers].map((bytes) => ({
      bytes,
      digest: digestOfBytes(bytes),
    }))
    return { repository, image, blobs }
  }

  /** How much of a blob is sure to be there for another environment, while it comes. */
  const offsetOf = async (digest: string): Promise<number | undefined> => {
    const { dynamodb } = engineClients(engineUrls())
    const table = new DynamoDbTable(dynamodb, cloud.environment['SLUICE_TABLE'] ?? '')
    const fill = await table.get(fillKey(parseProjectName('wait.test'), parseDigest(digest)))
    if (!fill) return undefined
    const { repository, upload } = fillRecord(fill)
    const record = await table.get(uploadKey(repository, upload))
    return record && uploadRecord(record).offset
  }

  /** What was asked of the upstream's store by the registry, which says who it is. */
  const transfers = (): readonly string[] =>
    upstream.requests
      .filter(({ kind, headers }) => kind === 'store' && headers['user-agent'] === 'sluice')
      .map(({ url }) => url)

  beforeAll(async () => {
    secure = await startSecureUpstream()
    ;({ upstream } = secure)
    upstream.redirectsBlobs = true
    upstream.login = { kind: 'token', user: 'robot', password: 's3cret' }
    cloud = await startCloud({
      engines: engineUrls(),
      uploadDoor: false,
      fills: 3,
      jobsHidden: 70,
      rules: { maxEnvironments: 4 },
      secrets: { 'up-robot': 'robot:s3cret' },
      upstreams: [...MISS_POLICIES, 'behind'].map((name) => ({
        apiVersion: 'sluice.dev/v1',
        kind: 'Upstream',
        metadata: { name: `${name}.test` },
        spec: {
          urls: [upstream.url],
          ...(name === 'behind'
            ? { revalidate: name, tagAges: [{ pattern: '*', seconds: 1 }] }
            : { missPolicy: name }),
          credentials: { type: 'basic', secretName: 'up-robot' },
          insecure: true,
          privateAddresses: true,
        },
      })),
    })
    const overSocket = askOverASocket(cloud.url, agent)
    const login = { Authorization: basic(cloud.user, cloud.password) }
    ask = (question) => overSocket({ ...question, headers: { ...login, ...question.headers } })
  })
  afterEach(() => {
    upstream.heal()
    upstream.forget()
  })
  afterAll(async () => {
    agent.destroy()
    await cloud?.stop()
    await secure?.close()
  })

  it('gets each thing once for 40 clients of a cold image, whichever environments they meet', async () => {
    const { repository, image, blobs } = await newImage(Array.from({ length: 10 }, () => 200_000))
    const name = `/v2/redirect.test/${repository}`
    const pull = async (): Promise<void> => {
      const manifest = await patiently({ path: `${name}/manifests/latest` })
      expect(manifest.body.equals(image.bytes)).toBe(true)
      for (const { bytes, digest } of blobs) {
        const found = await patiently({ path: `${name}/blobs/${digest}` })
        expect(found.status).toBe(307)
        expect(found.headers['docker-content-digest']).toBe(digest)
        expect((await bytesAt(found.headers['location'])).equals(bytes)).toBe(true)
      }
    }
    await Promise.all(Array.from({ length: CLIENTS }, pull))
    // Those that were sent elsewhere have not waited for what is brought here.
    await expect
      .poll(
        async () => {
          const asked = blobs.map(({ digest }) => patiently({ path: `${name}/blobs/${digest}` }))
          const found = await Promise.all(asked)
          return found.filter(({ headers }) => headers['location']?.startsWith('https:')).length
        },
        { timeout: 30_000 },
      )
      .toBe(0)
    expect(upstream.count('token')).toBe(1)
    // Whoever comes first comes without, to hear what to bring.
    const manifests = upstream.requests.filter(({ kind }) => kind.startsWith('manifest-'))
    expect(
      manifests.map(({ kind, headers }) => [kind, headers.authorization !== undefined]),
    ).toEqual([
      ['manifest-get', false],
      ['manifest-get', true],
    ])
    expect(transfers()).toHaveLength(blobs.length)
    expect(new Set(transfers()).size).toBe(blobs.length)
    expect(cloud.gateway.environments().length).toBe(4)
  }, 180_000)

  it('hears in every environment that it is its own upstream, and says so', async () => {
    const name = 'itself.test'
    await create('/apis/sluice.dev/v1/upstreams', {
      apiVersion: 'sluice.dev/v1',
      kind: 'Upstream',
      metadata: { name },
      spec: { urls: [cloud.url], defaultPrefix: name, insecure: true, privateAddresses: true },
    })
    const rbac = 'rbac.authorization.k8s.io'
    await create(`/apis/${rbac}/v1/namespaces/${name}/rolebindings`, {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata: { name: 'anyone' },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'system:image-puller' },
      subjects: [{ apiGroup: rbac, kind: 'Group', name: 'system:unauthenticated' }],
    })
    for (const what of ['manifests/latest', 'tags/list']) {
      const found = await patiently({ path: `/v2/${name}/app/${what}` })
      expect(found.status).toBe(508)
      expect(json(found)).toMatchObject({
        errors: [{ detail: expect.stringContaining(`upstream ${name} leads back`) as string }],
      })
    }
  })

  it("sends a client to the upstream's own store at once, and to S3 later", async () => {
    const { repository, blobs } = await newImage([3 * MEBIBYTE])
    const path = `/v2/redirect.test/${repository}`
    await patiently({ path: `${path}/manifests/latest` })
    const { bytes, digest } = blobs[1]!
    upstream.fail('store', { kind: 'drip', bytes: 256 * 1024, everyMs: 100 })
    const found = await patiently({ path: `${path}/blobs/${digest}` })
    expect(found.headers['location']).toMatch(new RegExp(`^${upstream.storeUrl}/.*signature=`))
    upstream.heal()
    await expect
      .poll(
        async () => (await patiently({ path: `${path}/blobs/${digest}` })).headers['location'],
        {
          timeout: 30_000,
        },
      )
      .toMatch(new RegExp(`^${engineUrls().s3}/`))
    const held = await patiently({ path: `${path}/blobs/${digest}` })
    expect((await bytesAt(held.headers['location'])).equals(bytes)).toBe(true)
    expect(transfers()).toHaveLength(1)
  })

  it('has a HEAD wait for the blob, whose length S3 then says', async () => {
    const { repository, blobs } = await newImage([5000])
    const path = `/v2/redirect.test/${repository}`
    await patiently({ path: `${path}/manifests/latest` })
    const found = await patiently({ method: 'HEAD', path: `${path}/blobs/${blobs[1]!.digest}` })
    expect(found.status).toBe(307)
    const followed = await fetch(found.headers['location'] ?? '', { method: 'HEAD' })
    expect(followed.headers.get('content-length')).toBe('5000')
  })

  it('lets a client of `wait` come again while the blob is on its way', async () => {
    const { repository, blobs } = await newImage([MEBIBYTE])
    const path = `/v2/wait.test/${repository}`
    await patiently({ path: `${path}/manifests/latest` })
    const { bytes, digest } = blobs[1]!
    // Some 25 s: longer than a client waits.
    upstream.fail('store', { kind: 'drip', bytes: 42_000, everyMs: 1000 })
    const first = await ask({ path: `${path}/blobs/${digest}` })
    expect(first.status).toBe(503)
    expect(json(first)).toMatchObject({ errors: [{ code: 'UNAVAILABLE' }] })
    expect(Number(first.headers['retry-after'])).toBeGreaterThan(0)
    expect(first.headers['proxy-status']).toMatch(
      /^sluice-[0-9a-f]{16}; error=destination_unavailable$/,
    )
    const second = await patiently({ path: `${path}/blobs/${digest}` })
    expect(second.status).toBe(307)
    expect(second.headers['location']).toMatch(new RegExp(`^${engineUrls().s3}/`))
    expect((await bytesAt(second.headers['location'])).equals(bytes)).toBe(true)
    expect(transfers()).toHaveLength(1)
  })

  it('asks before its answer about a tag that is no longer fresh: behind it nobody would', async () => {
    const { repository } = await newImage([1000])
    const path = `/v2/behind.test/${repository}/manifests/latest`
    await patiently({ path })
    const next = makeImage([noise(10)])
    await putImage(upstream.content, repository, 'latest', next)
    await sleep(1100)
    expect((await patiently({ path })).body.equals(next.bytes)).toBe(true)
  })

  it('waits again for an upstream that hung, and has recovered', async () => {
    const { repository, image } = await newImage([1000])
    const path = `/v2/behind.test/${repository}/manifests/latest`
    await patiently({ path })
    upstream.fail('manifest-head', { kind: 'hang' })
    await sleep(1100)
    const old = await patiently({ path })
    expect(old.body.equals(image.bytes)).toBe(true)
    expect(old.headers['warning']).toContain('did not answer in time')
    upstream.heal()
    const next = makeImage([noise(10)])
    await putImage(upstream.content, repository, 'latest', next)
    const found = async (): Promise<boolean> => (await patiently({ path })).body.equals(next.bytes)
    await expect.poll(found, { timeout: 60_000, interval: 1000 }).toBe(true)
  }, 120_000)

  it('goes on where an environment was killed', async () => {
    const { repository, blobs } = await newImage([80 * MEBIBYTE])
    const path = `/v2/wait.test/${repository}`
    await patiently({ path: `${path}/manifests/latest` })
    const { bytes, digest } = blobs[1]!
    const came = 70 * MEBIBYTE
    upstream.fail('store', { kind: 'hang', after: came }, 1)
    const asked = patiently({ path: `${path}/blobs/${digest}` })
    await expect.poll(transfers, { timeout: 20_000 }).toHaveLength(1)
    const filling = cloud.fills.environments().filter(({ state }) => state === 'busy')
    expect(filling).toHaveLength(1)
    // It has written down how far it came, once nothing more did.
    await expect.poll(() => offsetOf(digest), { timeout: 25_000 }).toBe(came)
    for (const one of filling) one.kill()
    const found = await asked
    expect(found.status).toBe(307)
    expect((await bytesAt(found.headers['location'])).equals(bytes)).toBe(true)
    const ranges = upstream.requests
      .filter(({ kind, headers }) => kind === 'store' && headers['user-agent'] === 'sluice')
      .map(({ headers }) => headers.range)
    expect(ranges).toEqual([undefined, `bytes=${came}-`])
  }, 240_000)
})
