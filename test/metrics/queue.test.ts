/** How many events wait for a receiver, to the last one, until it takes them. */
import { randomBytes } from 'node:crypto'
import { digestOf } from '@sluice/core/digest'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { basic } from '../http/served-registry.ts'
import { createWebhook } from '../webhooks/create-webhook.ts'
import { startReceiver, type Receiver } from '../webhooks/start-receiver.ts'
import { WatchedServer } from './watched-server.ts'

const WAITING = 'sluice_queue_jobs{queue="events"}'

let receiver: Receiver
let server: WatchedServer

beforeAll(async () => {
  receiver = await startReceiver()
  server = await WatchedServer.start()
  const { url, user, password } = server.sluice
  await createWebhook(url, basic(user, password), 'hook', receiver.url)
})
afterAll(async () => {
  await server?.stop()
  await receiver?.close()
})

const waiting = async (): Promise<number | undefined> => (await server.scrape()).get(WAITING)

async function push(): Promise<void> {
  const blob = randomBytes(10)
  const path = `/v2/default/app/blobs/uploads/?digest=${digestOf('sha256', blob)}`
  expect((await server.ask('POST', path, blob)).status).toBe(201)
}

it('counts the events that wait, and no more once they are taken', async () => {
  expect(await waiting()).toBe(0)
  receiver.answer('hang')
  for (let pushed = 1; pushed <= 3; pushed++) {
    await push()
    expect(await waiting()).toBe(pushed)
  }
  receiver.answer(200)
  await expect.poll(waiting, { timeout: 60_000, interval: 500 }).toBe(0)
})
