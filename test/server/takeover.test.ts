/** A claim that runs out under a writer that is alive after all, in a server of several threads. */
import { SqliteTable } from '@sluice/adapters/local/sqlite-table'
import { uploadKey } from '@sluice/core/records/keys'
import type { RepositoryName } from '@sluice/core/repository-name'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { request, type ClientRequest, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSluice, type RunningSluice } from '../running-sluice.ts'

const REPOSITORY = 'default/takeover' as RepositoryName
const FIRST = 1000
/** Connections meet one thread or the other as the kernel likes: in so many rounds surely both. */
const ROUNDS = 6

/** The status, or why there is none. */
const endOf = async (asked: ClientRequest): Promise<number | string | undefined> =>
  new Promise((resolve) => {
    asked.on('response', (answer) => resolve(answer.resume().statusCode))
    asked.on('error', (error) => resolve(error.message))
  })

describe.runIf(process.platform === 'linux')('a writer that has lost its claim', () => {
  let server: RunningSluice
  let table: SqliteTable

  beforeAll(async () => {
    server = await startSluice({ env: { SLUICE_THREADS: '2' } })
    table = await SqliteTable.open(join(server.dataDir, 'sluice.db'))
  })
  afterAll(async () => {
    await table?.close()
    await server?.stop()
  })

  /** Each on a connection of its own. */
  function begin(method: string, path: string, length: number): ClientRequest {
    const { user, password } = server
    const headers = {
      authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
      'content-length': length,
    }
    return request(new URL(path, server.url), { method, headers, agent: false })
  }

  async function ask(method: string, path: string, bytes = Buffer.alloc(0)) {
    const asked = begin(method, path, bytes.byteLength)
    asked.end(bytes)
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    const { statusCode: status, headers } = answer
    return { status, headers, body: await buffer(answer) }
  }

  /** As if the writer's signs of life had not come through for a minute. */
  async function expireClaim(id: string): Promise<void> {
    for (;;) {
      const key = uploadKey(REPOSITORY, id)
      const { version, claimedUntil } = (await table.get(key)) ?? {}
      if (Number(claimedUntil) > 0) {
        const equals = { version: Number(version) }
        await table.transact([{ update: key, set: { claimedUntil: 1 }, when: { equals } }])
        return
      }
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  it.for(['before', 'after'])('writes on %s the end and changes no byte', async (when) => {
    for (let round = 0; round < ROUNDS; round++) {
      const bytes = randomBytes(300_000)
      const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
      const started = await ask('POST', `/v2/${REPOSITORY}/blobs/uploads/`)
      const path = new URL(String(started.headers.location), server.url).pathname
      expect((await ask('PATCH', path, bytes.subarray(0, FIRST))).status).toBe(202)

      const other = randomBytes(400_000)
      const slow = begin('PATCH', path, other.byteLength)
      const slowEnd = endOf(slow)
      slow.write(other.subarray(0, 200_000))
      await expireClaim(path.split('/').at(-1) ?? '')

      expect((await ask('PATCH', path, bytes.subarray(FIRST))).status).toBe(202)
      const goOn = async (): Promise<void> => {
        slow.end(other.subarray(200_000))
        expect([416, 'read ECONNRESET', 'write EPIPE', 'socket hang up']).toContain(await slowEnd)
      }
      if (when === 'before') await goOn()
      expect((await ask('PUT', `${path}?digest=${digest}`)).status).toBe(201)
      if (when === 'after') await goOn()
      const pulled = await ask('GET', `/v2/${REPOSITORY}/blobs/${digest}`)
      expect(pulled.body.equals(bytes)).toBe(true)
    }
    // Of a writer whose connection ended the server may hear a little later than the writer.
    await expect
      .poll(() => readdir(join(server.dataDir, 'uploads')), { timeout: 10_000 })
      .toEqual([])
  })
})
