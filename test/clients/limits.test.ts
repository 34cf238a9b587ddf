/** What real clients say where a limit of the project refuses what they push. */
import { describe, expect, it } from 'vitest'
import { basic } from '../http/served-registry.ts'
import { buildah } from './buildah.ts'
import { crane } from './crane.ts'
import { openSetting } from './open-setting.ts'
import { podman } from './podman.ts'
import { regctl } from './regctl.ts'
import { skopeo } from './skopeo.ts'

const EXCEEDED =
  /requested usage of openshift.io\/image-tags exceeds the maximum limit per openshift.io\/ImageStream \(2 > 1\)/
const REFUSING =
  /refusing to write blob exceeding limit range bytes: requested usage of storage exceeds/

const DENIED = /denied|403/i
/** It tries a refused blob again in chunks, and tells how that ended. */
const ANY = /failed to send blob/
const CLIENTS = [
  { under: buildah, says: DENIED },
  { under: crane, says: DENIED },
  { under: podman, says: DENIED },
  { under: regctl, says: ANY },
  { under: skopeo, says: DENIED },
] as const

describe('a push that a limit refuses', () => {
  it.for(CLIENTS)('with $under.name', async ({ under, says }) => {
    const setting = await openSetting(under.tools, false)
    const { server } = setting
    const client = await under.create(setting)
    const send = async (body: object): Promise<void> => {
      const answer = await fetch(`${server.url}/api/v1/namespaces/default/limitranges`, {
        method: 'POST',
        headers: {
          Authorization: basic(server.user, server.password),
          'Content-Type': 'application/json',
        },
        body: JSON.stringify(body),
      })
      expect(answer.status).toBe(201)
    }
    try {
      await send({
        metadata: { name: 'tags' },
        spec: {
          limits: [{ type: 'openshift.io/ImageStream', max: { 'openshift.io/image-tags': 1 } }],
        },
      })
      await client.login(server.user, server.password)
      const image = `${client.host ?? server.host}/default/app`
      await client.build(`${image}:v1`, { 'linux/amd64': 'one' })
      await client.push(`${image}:v1`)
      await client.build(`${image}:v2`, { 'linux/amd64': 'two' })
      await expect(client.push(`${image}:v2`)).rejects.toThrow(DENIED)
      await client.build(`${image}:v1`, { 'linux/amd64': 'three' })
      await client.push(`${image}:v1`)
      await send({
        metadata: { name: 'bytes' },
        spec: { limits: [{ type: 'openshift.io/Image', max: { storage: 10 } }] },
      })
      await client.build(`${image}:v1`, { 'linux/amd64': 'four' })
      await expect(client.push(`${image}:v1`)).rejects.toThrow(says)
      // Lines are gathered for some milliseconds.
      await expect.poll(() => server.log(), { timeout: 5000 }).toMatch(REFUSING)
      expect(server.log()).toMatch(EXCEEDED)
    } finally {
      await client.close?.()
      await setting.close()
    }
  })
})
