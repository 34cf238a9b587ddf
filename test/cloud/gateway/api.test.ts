/** The api function where it is hardest: behind the gateway, with uploads through it too, in the real runtime client. */
import { randomBytes } from 'node:crypto'
import { Agent } from 'node:http'
import { digestOf } from '@sluice/core/digest'
import { OCI_INDEX } from '@sluice/core/media-type'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { json, type Answer, type Question } from '../../http/answer.ts'
import { askOverASocket } from '../../http/ask-over-a-socket.ts'
import { basic } from '../../http/served-registry.ts'
import { engineUrls } from '../engines/engines.ts'
import { startCloud, type RunningCloud } from '../start-cloud.ts'

const APP = '/v2/default/app'
const MIB = 1024 * 1024

describe('the api function behind the gateway', () => {
  const agent = new Agent({ keepAlive: true })
  let cloud: RunningCloud
  let ask: (question: Omit<Question, 'as'>) => Promise<Answer>
  beforeAll(async () => {
    cloud = await startCloud({ engines: engineUrls(), uploadDoor: false })
    const overSocket = askOverASocket(cloud.url, agent)
    const login = { Authorization: basic(cloud.user, cloud.password) }
    const path = '/token?scope=repository:default/app:pull,push'
    const { token } = json(await overSocket({ path, headers: login })) as { token: string }
    const headers = { Authorization: `Bearer ${token}` }
    ask = (question) => overSocket({ ...question, headers: { ...headers, ...question.headers } })
  })
  afterAll(async () => {
    agent.destroy()
    await cloud.stop()
  })

  it('takes a blob of any bytes, and has S3 say its length to a HEAD', async () => {
    const body = randomBytes(4 * MIB)
    const digest = digestOf('sha256', body)
    const path = `${APP}/blobs/uploads/?digest=${digest}`
    expect((await ask({ method: 'POST', path, body })).status).toBe(201)
    const head = await ask({ method: 'HEAD', path: `${APP}/blobs/${digest}` })
    expect(head.status).toBe(307)
    expect(head.headers['docker-content-digest']).toBe(digest)
    const followed = await fetch(head.headers['location'] ?? '', { method: 'HEAD' })
    expect(followed.status).toBe(200)
    expect(followed.headers.get('content-length')).toBe(String(body.byteLength))
    const got = await ask({ path: `${APP}/blobs/${digest}` })
    expect(got.status).toBe(307)
    const bytes = await (await fetch(got.headers['location'] ?? '')).arrayBuffer()
    expect(Buffer.from(bytes).equals(body)).toBe(true)
    // What is signed for one method is no good for the other.
    expect((await fetch(got.headers['location'] ?? '', { method: 'HEAD' })).status).toBe(403)
  })

  it.each([
    ['plain text', 'n'],
    ['what JSON writes at twice its length', '\\n'],
  ])('carries a manifest of 4 MiB of %s both ways, and says its length to a HEAD', async (_, n) => {
    const empty = JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] })
    const start = `${empty.slice(0, -1)},"annotations":{"n":"`
    const room = Math.floor((4 * MIB - start.length - 3) / n.length)
    const body = Buffer.from(`${start}${n.repeat(room)}"}}`)
    const path = `${APP}/manifests/large`
    const headers = { 'Content-Type': OCI_INDEX }
    expect((await ask({ method: 'PUT', path, body, headers })).status).toBe(201)
    const got = await ask({ path })
    expect({ status: got.status, type: got.headers['content-type'] }).toEqual({
      status: 200,
      type: OCI_INDEX,
    })
    expect(got.body.equals(body)).toBe(true)
    const head = await ask({ method: 'HEAD', path })
    expect(head.status).toBe(200)
    expect(head.headers).toMatchObject({
      'content-length': String(body.byteLength),
      'docker-content-digest': digestOf('sha256', body),
    })
    expect(head.body.byteLength).toBe(0)
  })

  it('logs a refusal as one, and nothing that failed', async () => {
    expect((await ask({ path: `${APP}/manifests/none` })).status).toBe(404)
    expect(cloud.log()).toContain('"err.code":"manifest unknown"')
    expect(cloud.log()).not.toContain('a request failed')
  })
})
