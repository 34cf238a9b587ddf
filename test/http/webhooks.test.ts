/** Who wants to know of what is done is told: in distribution's envelope, signed, again and again, and at last as a dead letter. */
import { randomBytes } from 'node:crypto'
import { TableQueueWorker } from '@sluice/adapters/local/table-queue-worker'
import { OCI_MANIFEST } from '@sluice/core/media-type'
import { EVENT_JOB, type EventJob } from '@sluice/core/services/events'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { startReceiver, type Receiver } from '../webhooks/start-receiver.ts'
import type { Answer } from './answer.ts'
import { describeDoors } from './describe-doors.ts'
import { pushBlob, pushImage } from './push.ts'
import { EVENTS_QUEUE } from './served-registry.ts'

const API = '/apis/sluice.dev/v1'
const JSON_TYPE = { 'content-type': 'application/json' }
const SECRET = `whsec_${randomBytes(32).toString('base64')}`
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const SHORT_MS = 15 * 60_000

interface Letter {
  readonly metadata: { readonly name: string }
  readonly spec: object
  readonly status: { readonly attempts: number; readonly lastError: string }
}

const json = ({ body }: Answer) => JSON.parse(body.toString()) as Record<string, unknown>

describeDoors('webhooks', (door) => {
  let receiver: Receiver
  let worker: TableQueueWorker
  beforeAll(async () => {
    receiver = await startReceiver()
    const { temporary, registry } = door.served
    worker = new TableQueueWorker({
      ...temporary,
      name: EVENTS_QUEUE,
      handlers: { [EVENT_JOB]: async (job) => registry.deliveries?.do(job) },
      onFailure: (thrown) => void door.served.failures.push(thrown),
      look: 5,
    })
    door.served.secrets.set('hook', SECRET)
  })
  afterAll(async () => {
    await worker?.close()
    await receiver?.close()
  })
  beforeEach(() => {
    receiver.answer(200)
    receiver.forget()
  })

  const create = (name: string, spec: object) =>
    door.post(
      `${API}/webhooks`,
      JSON.stringify({
        apiVersion: 'sluice.dev/v1',
        kind: 'Webhook',
        metadata: { name },
        spec: { url: receiver.url, insecure: true, privateAddresses: true, ...spec },
      }),
      JSON_TYPE,
    )
  /** One that is there for this test, and counts at once. */
  const webhook = async (name: string, spec: object = {}) => {
    const made = await create(name, spec)
    expect([made.status, json(made)['message']]).toEqual([201, undefined])
    door.clock.advance(10_000)
    onTestFinished(async () => {
      await door.delete(`${API}/webhooks/${name}`)
      door.clock.advance(10_000)
    })
  }
  const letters = async () => {
    const { items } = json(await door.get(`${API}/deadletters`)) as { items: Letter[] }
    return items.map(({ metadata: { name }, spec, status }) => ({ name, spec, status }))
  }
  const come = (count: number) =>
    vi.waitFor(() => expect(receiver.events.length).toBeGreaterThanOrEqual(count), {
      timeout: 20_000,
    })

  /** Until the event's next try is written down: only then may the time go on. */
  const waits = (attempt: number) =>
    expect
      .poll(
        async () => {
          const { records } = await door.served.temporary.table.query('queue#events', { limit: 9 })
          return records.map(({ item }) => (JSON.parse(item.text as string) as EventJob).attempt)
        },
        { timeout: 20_000 },
      )
      .toEqual([attempt])

  it('tells of a push, pulls, a mount and deletions as distribution does', async () => {
    await webhook('all')
    const image = await pushImage(door, 'default/events', { reference: 'v1' })
    const blob = await pushBlob(door, 'default/events')
    await door.get('/v2/default/events/manifests/v1')
    await door.head(`/v2/default/events/blobs/${blob.digest}`)
    await door.post(`/v2/default/mounted/blobs/uploads/?mount=${blob.digest}&from=default/events`)
    await door.delete('/v2/default/events/manifests/v1')
    await door.delete(`/v2/default/events/manifests/${image.digest}`)
    await come(9)
    const told = receiver.events.map(({ action, target, request }) => ({
      action,
      method: request['method'],
      ...target,
    }))
    const octets = { mediaType: 'application/octet-stream' }
    const base = /^http:\/\/(?:registry\.test|127\.0\.0\.1:\d+)$/
    const sizes = { size: blob.size, length: blob.size }
    const repository = 'default/events'
    const at = (path: string) =>
      expect.stringMatching(new RegExp(`${base.source.slice(0, -1)}${path}$`))
    const url = at(`/v2/${repository}/blobs/${blob.digest}`) as string
    const known = { digest: blob.digest, repository, ...octets, ...sizes }
    const manifest = {
      mediaType: OCI_MANIFEST,
      digest: image.digest,
      size: image.size,
      length: image.size,
      repository,
      tag: 'v1',
      url: at(`/v2/${repository}/manifests/${image.digest}`) as string,
    }
    expect(told).toHaveLength(9)
    for (const one of [
      { action: 'push', method: 'POST', ...known, url },
      { action: 'push', method: 'PUT', ...manifest },
      { action: 'pull', method: 'GET', ...manifest },
      { action: 'pull', method: 'HEAD', ...known, url },
      {
        action: 'mount',
        method: 'POST',
        ...known,
        repository: 'default/mounted',
        fromRepository: repository,
        url: at(`/v2/default/mounted/blobs/${blob.digest}`) as string,
      },
      { action: 'delete', method: 'DELETE', repository, tag: 'v1' },
      { action: 'delete', method: 'DELETE', repository, digest: image.digest },
    ]) {
      expect(told).toContainEqual(one)
    }
    const [first] = receiver.received
    expect(first?.headers).toMatchObject({
      'content-type': 'application/vnd.docker.distribution.events.v2+json',
    })
    expect(first?.headers['webhook-signature']).toBeUndefined()
    expect(first?.events[0]).toEqual({
      id: first?.headers['webhook-id'],
      timestamp: new Date(door.clock.now()).toISOString(),
      action: 'push',
      target: expect.anything() as unknown,
      request: {
        id: expect.stringMatching(/./) as string,
        addr: expect.stringMatching(/^(?:192\.0\.2\.1|127\.0\.0\.1)$/) as string,
        host: expect.stringMatching(/./) as string,
        method: 'POST',
        useragent: expect.any(String) as string,
      },
      actor: { name: 'kube:admin' },
      source: { addr: 'door.test', instanceID: expect.stringMatching(UUID) as string },
    })
  })

  it('signs as Standard Webhooks says, so that their own library knows it', async () => {
    await webhook('signed', { secretName: 'hook' })
    await pushBlob(door, 'default/signed')
    await come(1)
    const [{ headers, body } = { headers: {}, body: '' }] = receiver.received
    const library = new Webhook(SECRET)
    const signed = headers as Record<string, string>
    expect(library.verify(body, signed)).toEqual(JSON.parse(body))
    expect(() => library.verify(`${body} `, signed)).toThrow('No matching signature')
    const shown = [await door.get(`${API}/webhooks/signed`), await door.get(`${API}/webhooks`)]
    for (const answer of shown) expect(answer.body.toString()).not.toContain(SECRET)
  })

  it('tells only what each wants to hear', async () => {
    await webhook('deletions', { actions: ['delete'], projects: ['def*'] })
    const image = await pushImage(door, 'default/some', { reference: 'v1' })
    await pushImage(door, 'public/some', { reference: 'v1' })
    await door.delete(`/v2/public/some/manifests/v1`)
    await door.delete(`/v2/default/some/manifests/${image.digest}`)
    await webhook('manifests', { actions: ['push'], mediaTypes: [OCI_MANIFEST] })
    await pushImage(door, 'public/some', { reference: 'v2' })
    await come(2)
    expect(receiver.events.map(({ action, target }) => [action, target['repository']])).toEqual([
      ['delete', 'default/some'],
      ['push', 'public/some'],
    ])
  })

  it('tries again what was not taken, as the same event, with longer pauses', async () => {
    await webhook('trying', { secretName: 'hook' })
    receiver.answer(500)
    await pushBlob(door, 'default/trying')
    await come(1)
    for (let tried = 1; tried < 4; tried++) {
      await waits(tried + 1)
      door.clock.advance(5_000 * 3 ** (tried - 1))
      await come(tried + 1)
    }
    await waits(5)
    receiver.answer(204)
    door.clock.advance(5_000 * 3 ** 3)
    await come(5)
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1)
    door.clock.advance(SHORT_MS)
    await pushBlob(door, 'default/trying')
    await come(6)
    expect(receiver.received).toHaveLength(6)
    expect(await letters()).toEqual([])
  })

  it('makes a dead letter of what is never taken, to be seen, sent anew or dropped', async () => {
    await webhook('dying', { attempts: 1 })
    receiver.answer(503)
    const blob = await pushBlob(door, 'default/dying')
    await vi.waitFor(async () => expect(await letters()).toHaveLength(1), { timeout: 20_000 })
    const [letter] = await letters()
    expect(letter).toMatchObject({
      name: `dying-${receiver.events[0]?.id}`,
      spec: { webhook: 'dying', event: { action: 'push', target: { digest: blob.digest } } },
      status: { attempts: 1, lastError: 'it answered 503' },
    })
    const retry = (deadLetter: string) =>
      door.post(`${API}/deadletterretries`, JSON.stringify({ spec: { deadLetter } }), JSON_TYPE)
    receiver.answer(200)
    expect((await retry(letter?.name ?? '')).status).toBe(201)
    await come(2)
    expect(receiver.events[1]).toEqual(receiver.events[0])
    expect(await letters()).toEqual([])
    expect((await retry(letter?.name ?? '')).status).toBe(404)
    receiver.answer(503)
    await pushBlob(door, 'default/dying')
    await vi.waitFor(async () => expect(await letters()).toHaveLength(1), { timeout: 20_000 })
    const [again] = await letters()
    expect((await door.delete(`${API}/deadletters/${again?.name}`)).status).toBe(200)
    expect(await letters()).toEqual([])
    const table = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }
    expect((await door.get(`${API}/deadletters`, table)).body.toString()).toContain('Last error')
  })

  it.each([
    ['hangs', () => receiver.answer('hang'), {}, /^it (?:cannot be reached|answered)/],
    [
      'redirects',
      () => receiver.answer(307, { location: `${receiver.url}/other` }),
      {},
      /^it answered 307$/,
    ],
    ['is at a private address', () => undefined, { privateAddresses: false }, /not public/],
    ['is not there', () => undefined, { url: 'http://127.0.0.1:1/' }, /cannot be reached/],
    ['has a secret that is gone', () => undefined, { secretName: 'gone' }, /gone is not there/],
    ['has a secret that is none', () => undefined, { secretName: 'weak' }, /is not whsec_/],
  ])('holds up no push when the receiver %s', async (name, prepare, spec, error) => {
    door.served.secrets.set('weak', 'hunter2')
    prepare()
    await webhook(`bad-${name.replaceAll(/\W/g, '-')}`, { attempts: 1, ...spec })
    await pushBlob(door, 'default/bad')
    await vi.waitFor(async () => expect(await letters()).toHaveLength(1), { timeout: 20_000 })
    const [letter] = await letters()
    expect(letter?.status.lastError).toMatch(error)
    expect(JSON.stringify(letter)).not.toContain('hunter2')
    expect(receiver.received.length).toBeLessThanOrEqual(1)
    await door.delete(`${API}/deadletters`)
  })

  it('tells one that was removed no more, nor another of its name', async () => {
    await create('gone', {})
    door.clock.advance(10_000)
    receiver.answer(500)
    await pushBlob(door, 'default/gone')
    await come(1)
    await door.delete(`${API}/webhooks/gone`)
    receiver.answer(200)
    await webhook('gone')
    await pushBlob(door, 'default/gone')
    await come(2)
    door.clock.advance(SHORT_MS)
    await pushBlob(door, 'default/gone')
    await come(3)
    const ids = receiver.events.map(({ id }) => id)
    expect(new Set(ids).size).toBe(3)
  })

  it.each([
    ['ftp://example.com', 'must be an https URL'],
    ['http://example.com', 'must be https unless spec.insecure is true'],
    ['https://user:hunter2@example.com', 'must hold no credentials'],
  ])('refuses to tell %s', async (url, message) => {
    const answer = await create('wrong', { url, insecure: false })
    expect([answer.status, json(answer)['message']]).toEqual([
      422,
      expect.stringContaining(message) as string,
    ])
    expect(answer.body.toString()).not.toContain('hunter2')
  })

  it('refuses what no webhook has', async () => {
    const wrong = {
      actions: ['burn'],
      mediaTypes: ['x'],
      projects: ['A'],
      attempts: 0,
      secretName: '../x',
      certificateAuthority: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    }
    const answer = await create('wrong', wrong)
    const { causes } = json(answer)['details'] as { causes: { field: string }[] }
    expect(causes.map(({ field }) => field)).toEqual([
      'spec.secretName',
      'spec.actions[0]',
      'spec.mediaTypes[0]',
      'spec.projects[0]',
      'spec.attempts',
      'spec.certificateAuthority',
    ])
    expect((await door.ask({ path: `${API}/webhooks`, as: 'nobody' })).status).toBe(403)
    expect((await door.ask({ path: `${API}/deadletters`, as: 'nobody' })).status).toBe(403)
  })
})
