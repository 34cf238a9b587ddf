/** However many clients want one cold image at once, its upstream is asked once for each thing. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSluice, type RunningSluice } from '../running-sluice.ts'
import {
  startScriptedUpstream,
  type ScriptedUpstream,
} from '../upstream/start-scripted-upstream.ts'
import {
  digestOfBytes,
  makeImage,
  makeIndex,
  putImage,
  type MadeImage,
  type MadeManifest,
} from '../upstream/upstream-content.ts'
import { prepareCaches } from './prepare-caches.ts'

const CLIENTS = 200
const LAYERS = 10
const LAYER_BYTES = 300_000
const REPOSITORY = 'team/app'

describe.each([1, 4])('with %i serving threads', (threads) => {
  let world: string
  let upstream: ScriptedUpstream
  let sluice: RunningSluice
  let image: MadeImage
  let index: MadeManifest

  beforeAll(async () => {
    world = mkdtempSync(join(tmpdir(), 'sluice-stampede-'))
    upstream = await startScriptedUpstream()
    upstream.login = { kind: 'token', user: 'robot', password: 's3cret' }
    image = makeImage(Array.from({ length: LAYERS }, () => randomBytes(LAYER_BYTES)))
    index = makeIndex([image])
    await putImage(upstream.content, REPOSITORY, image.digest, image)
    await upstream.content.putManifest(REPOSITORY, 'latest', index)
    const credentials = { type: 'basic', secretName: 'robot' } as const
    const { dataDir, env } = prepareCaches(
      world,
      { 'up.example': { urls: [upstream.url], credentials } },
      { robot: 'robot:s3cret' },
    )
    sluice = await startSluice({ dataDir, env: { ...env, SLUICE_THREADS: String(threads) } })
  })

  afterAll(async () => {
    await sluice?.stop()
    await upstream?.close()
    rmSync(world, { recursive: true, force: true })
  })

  it(`gets each manifest, each blob and a token once for ${CLIENTS} clients`, async () => {
    const pulled = await Promise.all(Array.from({ length: CLIENTS }, () => pull()))
    expect(new Set(pulled)).toEqual(new Set(['whole']))
    // What came without a login was answered with a challenge, from which each thread learns how to log in.
    const challenged = upstream.requests.filter(
      ({ headers }) => headers.authorization === undefined,
    )
    expect(challenged.length).toBeLessThanOrEqual(threads)
    const answered = upstream.requests.filter((asked) => !challenged.includes(asked))
    expect(answered.filter(({ kind }) => kind === 'token')).toHaveLength(1)
    const seen = answered.map(({ kind, url, method }) => `${kind} ${method} ${url}`)
    expect(new Set(seen).size).toBe(seen.length)
    const of = (kind: string): string[] => seen.filter((one) => one.startsWith(kind))
    expect(of('manifest-get')).toHaveLength(2)
    expect(of('blob-get')).toHaveLength(LAYERS + 1)
    expect(seen).toHaveLength(1 + 2 + LAYERS + 1)
  })

  /** As clients do: a connection or two of its own, the tag, the image that it leads to, and all blobs, some at a time. */
  async function pull(): Promise<'whole'> {
    const agent = new Agent({ keepAlive: true, maxSockets: 3 })
    const get = (path: string): Promise<Buffer> => getWhole(agent, path)
    try {
      const top = await get('manifests/latest')
      expect(top.equals(index.bytes)).toBe(true)
      expect((await get(`manifests/${image.digest}`)).equals(image.bytes)).toBe(true)
      await Promise.all(
        [image.config, ...image.layers].map(async (bytes) => {
          const digest = digestOfBytes(bytes)
          expect((await get(`blobs/${digest}`)).equals(bytes)).toBe(true)
        }),
      )
      return 'whole'
    } finally {
      agent.destroy()
    }
  }

  function getWhole(agent: Agent, path: string): Promise<Buffer> {
    const url = `${sluice.url}/v2/up.example/${REPOSITORY}/${path}`
    const auth = `${sluice.user}:${sluice.password}`
    return new Promise((resolve, reject) => {
      const asked = request(url, { agent, auth }, (answer) => {
        const pieces: Buffer[] = []
        answer.on('data', (piece: Buffer) => pieces.push(piece))
        answer.on('error', reject)
        answer.on('end', () => {
          const body = Buffer.concat(pieces)
          if (answer.statusCode === 200) resolve(body)
          else reject(new Error(`${path} was answered ${answer.statusCode}: ${body.toString()}`))
        })
      })
      asked.on('error', reject).end()
    })
  }
})
