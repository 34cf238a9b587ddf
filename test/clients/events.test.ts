/** What a real client does is told as distribution tells it: the same push, pull and removal, side by side. */
import { OCI_MANIFEST } from '@sluice/core/media-type'
import { expect, describe, it, vi } from 'vitest'
import { describeBytes, manifestBytes, plain } from '../http/push.ts'
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
      // Of a removal it says that media type, size and even the digest are empty; we say nothing of them.
      const said = Object.entries(rest).filter(([, value]) => value !== '' && value !== 0)
      const known = said.toSorted(([one], [other]) => (one < other ? -1 : 1))
      return JSON.stringify([action, request['method'], Object.fromEntries(known), path])
    })
    .toSorted()

/** Until nothing more comes to either. */
async function settled(ours: Receiver, theirs: Receiver): Promise<void> {
  let before = ''
  await vi.waitFor(
    () => {
      const counts = [ours.events.length, theirs.events.length]
      const now = counts.join()
      const done = now === before && (counts[0] ?? 0) >= (counts[1] ?? 0) && counts[1] !== 0
      before = now
      expect(done).toBe(true)
    },
    { timeout: 60_000, interval: 3_000 },
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
      for (const there of [host, server.host]) {
        const image = `${there}/${IMAGE}`
        await client.build(image, { 'linux/amd64': 'told to all' })
        await client.push(image)
        await client.pull(image, 'linux/amd64')
        await client.push(image)
      }
      await settled(ours, theirs)
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

describe('events of what clients seldom do', () => {
  it('are those of distribution, for a mount and removals of a tag, a manifest and a blob', async () => {
    const [ours, theirs] = await Promise.all([startReceiver(), startReceiver()])
    const distribution = await startDistribution({ notifies: theirs.url })
    const setting = await openSetting([], false, { environment: { SLUICE_EVENTS: 'true' } })
    const { server } = setting
    const authorization = basic(server.user, server.password)
    await createWebhook(server.url, authorization, 'told', ours.url)
    const blob = Buffer.from('{}')
    const config = plain(describeBytes(blob))
    const manifest = manifestBytes({ mediaType: OCI_MANIFEST, config, layers: [] })
    const { digest } = describeBytes(manifest, OCI_MANIFEST)
    try {
      for (const [url, headers] of [
        [distribution.url, {}],
        [server.url, { authorization }],
      ] as const) {
        const ask = async (method: string, path: string, body?: Buffer, type?: string) => {
          const typed = { ...headers, ...(type !== undefined && { 'content-type': type }) }
          const target = path.startsWith('http') ? path : `${url}/v2/default/${path}`
          const init = { method, headers: typed, ...(body && { body }) }
          const answer = await fetch(target, init)
          expect([method, path, answer.status]).toEqual([
            method,
            path,
            expect.toBeOneOf([201, 202]),
          ])
          return new URL(answer.headers.get('location') ?? '', url).href
        }
        const started = await ask('POST', 'told/blobs/uploads/')
        const sign = started.includes('?') ? '&' : '?'
        const octets = 'application/octet-stream'
        await ask('PUT', `${started}${sign}digest=${config.digest}`, blob, octets)
        await ask('PUT', 'told/manifests/v1', manifest, OCI_MANIFEST)
        await ask('POST', `other/blobs/uploads/?mount=${config.digest}&from=default/told`)
        await ask('DELETE', 'told/manifests/v1')
        await ask('DELETE', `told/manifests/${digest}`)
        await ask('DELETE', `other/blobs/${config.digest}`)
      }
      await settled(ours, theirs)
      const host = new URL(distribution.url).host
      expect(compared(ours.events, server.host)).toEqual(compared(theirs.events, host))
      const actions = ours.events.map(({ action }) => action).toSorted()
      expect(actions).toEqual(['delete', 'delete', 'delete', 'mount', 'push', 'push'])
    } finally {
      await setting.close()
      await distribution.close()
      await Promise.all([ours.close(), theirs.close()])
    }
  })
})
