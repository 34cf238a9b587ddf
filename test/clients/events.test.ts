/** What a real client does is told as distribution tells it: the same push, pull and removal, side by side. */
import { expect, describe, it, vi } from 'vitest'
import { basic } from '../http/served-registry.ts'
import { startDistribution } from '../pull-through/start-distribution.ts'
import { startReceiver, type ReceivedEvent, type Receiver } from '../webhooks/start-receiver.ts'
import { createWebhook } from '../webhooks/create-webhook.ts'
import type { ClientUnderTest } from './client.ts'
import { openSetting } from './open-setting.ts'
import { oras } from './oras.ts'
import { skopeo } from './skopeo.ts'

const IMAGE = 'default/told:v1'

/** Without what differs from one run to the next, in no order: deliveries overtake each other. */
const compared = (events: readonly ReceivedEvent[], host: string): readonly string[] =>
  events
    .map(({ action, target, request }) => {
      const { url, ...rest } = target
      const path = typeof url === 'string' ? url.replace(`http://${host}`, '') : undefined
      const known = Object.entries(rest).toSorted(([one], [other]) => (one < other ? -1 : 1))
      return JSON.stringify([action, request['method'], Object.fromEntries(known), path])
    })
    .toSorted()

/** Until nothing more has come for a while. */
async function settled(receiver: Receiver): Promise<void> {
  let before = -1
  await vi.waitFor(
    () => {
      const count = receiver.events.length
      const done = count > 0 && count === before
      before = count
      expect(done).toBe(true)
    },
    { timeout: 60_000, interval: 2_000 },
  )
}

describe.for([oras, skopeo])('events of $name', (under: ClientUnderTest) => {
  it('are those of distribution, for a push, a pull and another push of what is there', async () => {
    const [ours, theirs] = await Promise.all([startReceiver(), startReceiver()])
    const distribution = await startDistribution({ notifies: theirs.url })
    const setting = await openSetting(under.tools, false, {
      environment: { SLUICE_EVENTS: 'true' },
    })
    const { server } = setting
    const host = new URL(distribution.url).host
    const admin = basic(server.user, server.password)
    await createWebhook(server.url, admin, 'told', ours.url)
    const client = await under.create(setting)
    try {
      await client.login(server.user, server.password)
      for (const [there, receiver] of [
        [host, theirs],
        [server.host, ours],
      ] as const) {
        const image = `${there}/${IMAGE}`
        await client.build(image, { 'linux/amd64': 'told to all' })
        await client.push(image)
        await client.pull(image, 'linux/amd64')
        await client.push(image)
        await settled(receiver)
      }
      expect(compared(ours.events, server.host)).toEqual(compared(theirs.events, host))
      expect(new Set(ours.events.map(({ action }) => action))).toEqual(new Set(['push', 'pull']))
      for (const event of ours.events) {
        expect(event.actor.name).toBe('kube:admin')
        // Of the envelope nothing is missing that distribution has.
        expect(Object.keys(event).toSorted()).toEqual(Object.keys(theirs.events[0]!).toSorted())
        expect(Object.keys(event.request).toSorted()).toEqual(
          Object.keys(theirs.events[0]!.request).toSorted(),
        )
        expect(Object.keys(event.source).toSorted()).toEqual(
          Object.keys(theirs.events[0]!.source).toSorted(),
        )
      }
    } finally {
      await client.close?.()
      await setting.close()
      await distribution.close()
      await Promise.all([ours.close(), theirs.close()])
    }
  })
})
