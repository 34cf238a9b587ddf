/** A real server tells what was done, also what was done before it was killed. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf } from '@sluice/core/digest'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { basic } from '../http/served-registry.ts'
import { startSluice, type RunningSluice } from '../running-sluice.ts'
import { createWebhook } from '../webhooks/create-webhook.ts'
import { startReceiver, type Receiver } from '../webhooks/start-receiver.ts'

async function push(server: RunningSluice): Promise<string> {
  const bytes = randomBytes(10)
  const digest = digestOf('sha256', bytes)
  const answer = await fetch(`${server.url}/v2/default/app/blobs/uploads/?digest=${digest}`, {
    method: 'POST',
    headers: { authorization: basic(server.user, server.password) },
    body: bytes,
  })
  expect(answer.status).toBe(201)
  return digest
}

const come = (receiver: Receiver, digests: readonly string[]) =>
  vi.waitFor(
    () =>
      expect(receiver.events.map(({ target }) => target['digest'])).toEqual(
        expect.arrayContaining([...digests]),
      ),
    { timeout: 60_000 },
  )

describe('webhooks of a server', () => {
  it('are told of what was done before it was killed, as the same event', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'sluice-webhooks-'))
    onTestFinished(() => rm(dataDir, { recursive: true }))
    const receiver = await startReceiver()
    onTestFinished(() => receiver.close())
    const env = { SLUICE_THREADS: '2', SLUICE_ADMIN_PASSWORD: 'correct horse battery' }
    const first = await startSluice({ dataDir, env })
    const admin = basic(first.user, first.password)
    await createWebhook(first.url, admin, 'hook', receiver.url)
    receiver.answer(500)
    const digests = [await push(first), await push(first)]
    await come(receiver, digests)
    // These nobody has tried to bring yet, or somebody is about to.
    digests.push(...(await Promise.all([push(first), push(first)])))
    await first.kill()
    const refused = receiver.events.map(({ id }) => id)
    receiver.answer(200)
    receiver.forget()
    const second = await startSluice({ dataDir, env })
    try {
      await come(receiver, digests)
      const ids = receiver.events.map(({ id }) => id)
      expect(ids).toEqual(expect.arrayContaining(refused))
      expect(new Set(ids).size).toBe(4)
    } finally {
      await second.stop()
    }
  })

  it('that hang or fail keep no server from its end, nor a push from its answer', async () => {
    const receiver = await startReceiver()
    onTestFinished(() => receiver.close())
    const server = await startSluice()
    try {
      const admin = basic(server.user, server.password)
      await createWebhook(server.url, admin, 'hook', receiver.url)
      receiver.answer('hang')
      const digest = await push(server)
      await come(receiver, [digest])
      expect(await push(server)).toMatch(/^sha256:/)
    } finally {
      await server.stop()
    }
  })
})
