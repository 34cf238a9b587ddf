/** A registry that reads through another, which reads through a third: what the third does is not the second's fault. */
import { UpstreamError } from '@sluice/core/ports/upstream'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { answer, refuseAll, type Fault } from '../../upstream/fault.ts'
import { digestOfBytes, makeImage } from '../../upstream/upstream-content.ts'
import { describeDoors } from '../describe-doors.ts'
import { DoorUnderTest, openInProcess } from '../door-under-test.ts'
import { CachedUpstream, settingsOf } from './cached-upstream.ts'
import { frontOf, type Front } from './front-of.ts'

const OWNER = { user: 'system:admin', groups: ['system:masters'] }
const NEAR = 'near.example'

describeDoors('a registry that reads through one that reads through another', (door) => {
  const cached = new CachedUpstream(door)
  const near = new DoorUnderTest(openInProcess, {})
  let front: Front

  beforeAll(async () => {
    await near.open()
    front = await frontOf(door)
    const draft = { name: NEAR, content: settingsOf(front.url) }
    await near.registry.upstreams.create(OWNER, undefined, draft)
  })
  afterEach(() => {
    front.forget()
    near.clock.advance(24 * 3_600_000)
    // Failures of upstreams are for the log.
    const { failures } = door.served
    failures.push(...failures.splice(0).filter((error) => !(error instanceof UpstreamError)))
  })
  afterAll(async () => {
    await front.close()
    await near.close()
  })

  const faults: readonly (readonly [string, Fault, number])[] = [
    ['refuses', answer(403), 502],
    ['fails', answer(500), 503],
    ['is cut off', refuseAll, 503],
    ['asks for fewer requests', answer(429, { 'retry-after': '120' }), 429],
    ['lies', answer(418), 502],
  ]
  it.each(faults)('goes on asking it for the rest where the third %s', async (_, fault, said) => {
    const project = await cached.cache()
    const { repository } = await cached.image()
    const hosted = makeImage([])
    const { config } = hosted
    const blob = digestOfBytes(config)
    const octets = { 'Content-Type': 'application/octet-stream' }
    const path = `/v2/default/app/blobs/uploads/?digest=${blob}`
    expect((await door.post(path, config, octets)).status).toBe(201)
    const type = { 'Content-Type': hosted.mediaType }
    const put = await door.put('/v2/default/app/manifests/v1', hosted.bytes, type)
    expect(put.status).toBe(201)
    cached.upstream.fail('any', fault)
    for (let times = 0; times < 4; times++) {
      const found = await near.get(`/v2/${NEAR}/${project}/${repository}/manifests/latest`)
      expect(found.status).toBe(said === 502 ? 503 : said)
    }
    const straight = await door.get(`/v2/${project}/${repository}/manifests/latest`)
    expect(straight.status).toBe(said)
    expect(straight.headers['proxy-status']).toMatch(/^sluice-[0-9a-f]{16}; error=[a-z_]+$/)
    const other = await near.get(`/v2/${NEAR}/default/app/manifests/v1`)
    expect([other.status, other.headers['docker-content-digest']]).toEqual([200, hosted.digest])
  })

  it('leaves it alone where that is itself what fails', async () => {
    await near.registry.upstreams.replace(OWNER, undefined, {
      name: NEAR,
      content: settingsOf(cached.upstream.url),
    })
    near.clock.advance(11_000)
    const { repository } = await cached.image()
    cached.upstream.fail('any', answer(503, { 'proxy-status': 'edge; error=connection_refused' }))
    for (let times = 0; times < 4; times++) {
      expect((await near.get(`/v2/${NEAR}/${repository}/manifests/v${times}`)).status).toBe(503)
    }
    expect(cached.upstream.requests).toHaveLength(2)
  })
})
