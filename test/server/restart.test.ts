/** What a server that was killed leaves to the one that comes after it. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { startSluice, type RunningSluice } from '../running-sluice.ts'

const REPOSITORY = '/v2/default/restart'

const asAdministrator = ({ user, password }: RunningSluice) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
})

async function ask(server: RunningSluice, method: string, path: string, body?: Uint8Array) {
  const init = {
    method,
    headers: asAdministrator(server),
    ...(body && { body: Buffer.from(body) }),
  }
  return fetch(new URL(path, server.url), init)
}

/** Sends a chunk's head and first bytes, and never more. */
function stall(server: RunningSluice, path: string, bytes: Uint8Array): void {
  const headers = { ...asAdministrator(server), 'content-length': bytes.byteLength * 2 }
  const stalled = request(new URL(path, server.url), { method: 'PATCH', headers, agent: false })
  stalled.on('error', () => undefined)
  stalled.write(bytes)
}

async function untilWritten(dataDir: string, bytes: number): Promise<void> {
  for (;;) {
    const uploads = join(dataDir, 'uploads')
    const names = await readdir(uploads)
    const sizes = await Promise.all(
      names.map(async (name) => (await stat(join(uploads, name))).size),
    )
    if (Math.max(0, ...sizes) >= bytes) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

it('a client goes on at once with the chunk in whose middle the server was killed', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'sluice-restart-'))
  onTestFinished(() => rm(dataDir, { recursive: true }))
  const env = { SLUICE_ADMIN_PASSWORD: randomBytes(12).toString('hex') }
  const bytes = randomBytes(3_000_000)

  const killed = await startSluice({ dataDir, env })
  const started = await ask(killed, 'POST', `${REPOSITORY}/blobs/uploads/`)
  const path = new URL(started.headers.get('location') ?? '', killed.url).pathname
  expect((await ask(killed, 'PATCH', path, bytes.subarray(0, 1000))).status).toBe(202)
  stall(killed, path, bytes.subarray(1000, 2_500_000))
  await untilWritten(dataDir, 1_500_000)
  await killed.kill()

  const next = await startSluice({ dataDir, env })
  onTestFinished(() => next.stop())
  const standing = await ask(next, 'GET', path)
  expect([standing.status, standing.headers.get('range')]).toEqual([204, '0-999'])
  expect((await ask(next, 'PATCH', path, bytes.subarray(1000))).status).toBe(202)
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  expect((await ask(next, 'PUT', `${path}?digest=${digest}`)).status).toBe(201)
  const pulled = await ask(next, 'GET', `${REPOSITORY}/blobs/${digest}`)
  expect(Buffer.from(await pulled.arrayBuffer()).equals(bytes)).toBe(true)
  expect(await readdir(join(dataDir, 'uploads'))).toEqual([])
})
