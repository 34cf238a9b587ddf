/** Several threads serve one address as one server would; each request here comes on a connection of its own. */
import { createHash, randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { readFileSync } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSluice, type RunningSluice } from '../running-sluice.ts'

const THREADS = 3
const REPOSITORY = '/v2/default/threads'

interface Answer {
  readonly status: number
  readonly headers: { readonly [name: string]: string | string[] | undefined }
  readonly body: Buffer
}

const digestOf = (bytes: Buffer): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`

describe.runIf(process.platform === 'linux')('a server of three threads', () => {
  let server: RunningSluice

  beforeAll(async () => {
    server = await startSluice({ env: { SLUICE_THREADS: String(THREADS) } })
  })
  afterAll(async () => server?.stop())

  function ask(
    method: string,
    path: string,
    options: { readonly body?: Buffer; readonly type?: string; readonly password?: string } = {},
  ): Promise<Answer> {
    const { body, type = 'application/octet-stream', password = server.password } = options
    const headers: Record<string, string> = {
      authorization: `Basic ${Buffer.from(`kubeadmin:${password}`).toString('base64')}`,
      'content-type': type,
    }
    return new Promise((resolve, reject) => {
      const asked = request(
        new URL(path, server.url),
        { method, headers, agent: false },
        (answer) => {
          const { statusCode: status = 0, headers: told } = answer
          const whole = buffer(answer)
          whole.then((body) => resolve({ status, headers: told, body }), reject)
        },
      )
      asked.on('error', reject)
      asked.end(body)
    })
  }

  async function pushBlob(bytes: Buffer): Promise<string> {
    const digest = digestOf(bytes)
    const started = await ask('POST', `${REPOSITORY}/blobs/uploads/`)
    const location = String(started.headers.location)
    const half = Math.floor(bytes.byteLength / 2)
    for (const part of [bytes.subarray(0, half), bytes.subarray(half)]) {
      expect((await ask('PATCH', location, { body: part })).status).toBe(202)
    }
    expect((await ask('PUT', `${location}?digest=${digest}`)).status).toBe(201)
    return digest
  }

  it('shows on every connection what was acknowledged on another, at once', async () => {
    const config = Buffer.from('{}')
    const descriptor = { mediaType: 'application/json', digest: await pushBlob(config), size: 2 }
    const type = 'application/vnd.oci.image.manifest.v1+json'
    for (let round = 0; round < 40; round++) {
      const absent = await Promise.all(
        Array.from({ length: 4 }, () => ask('HEAD', `${REPOSITORY}/manifests/v${round}`)),
      )
      expect(absent.map(({ status }) => status)).toEqual([404, 404, 404, 404])
      const json = { schemaVersion: 2, mediaType: type, config: descriptor, layers: [], round }
      const body = Buffer.from(JSON.stringify(json))
      const put = await ask('PUT', `${REPOSITORY}/manifests/v${round}`, { body, type })
      expect(put.status).toBe(201)
      const present = await Promise.all(
        Array.from({ length: 6 }, () => ask('GET', `${REPOSITORY}/manifests/v${round}`)),
      )
      expect(present.map(({ status, body: got }) => [status, got.equals(body)])).toEqual(
        Array.from({ length: 6 }, () => [200, true]),
      )
    }
  })

  it('goes on with an upload wherever its next chunk arrives', async () => {
    const blobs = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const bytes = randomBytes(300_000)
        return { bytes, digest: await pushBlob(bytes) }
      }),
    )
    for (const { bytes, digest } of blobs) {
      expect((await ask('GET', `${REPOSITORY}/blobs/${digest}`)).body.equals(bytes)).toBe(true)
    }
  })

  it('lets one of many writers at one upload win, whichever threads they meet', async () => {
    for (let round = 0; round < 10; round++) {
      const started = await ask('POST', `${REPOSITORY}/blobs/uploads/`)
      const location = String(started.headers.location)
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => ask('PATCH', location, { body: randomBytes(200_000) })),
      )
      const won = answers.filter(({ status }) => status === 202)
      const lost = answers.filter(({ status }) => status === 416)
      // A writer that comes when another has finished goes on behind it: no chunk here names its offset.
      expect(won.length).toBeGreaterThan(0)
      expect(won.length + lost.length).toBe(8)
      const standing = await ask('GET', location)
      expect(standing.headers.range).toBe(`0-${won.length * 200_000 - 1}`)
    }
  })

  it('counts failed logins once, not once for each thread', async () => {
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, at) => ask('GET', '/v2/', { password: `wrong ${at}` })),
    )
    const tried = answers.filter(({ status }) => status === 401).length
    expect(answers.filter(({ status }) => status === 429).length).toBe(60 - tried)
    // Ten at once, and one more for each second that this takes.
    expect(tried).toBeGreaterThanOrEqual(10)
    expect(tried).toBeLessThan(20)
    expect((await ask('GET', '/v2/')).status).toBe(200)
  })

  it('listens once in each thread', () => {
    const port = Number(new URL(server.url).port).toString(16).toUpperCase().padStart(4, '0')
    const sockets = readFileSync('/proc/net/tcp', 'utf8').split('\n')
    const listening = sockets.filter(
      (line) => /^ *\d+: [0-9A-F]{8}:(\w+) \S+ 0A /.exec(line)?.[1] === port,
    )
    expect(listening).toHaveLength(THREADS)
  })
})
