/** Registries that read through each other, or through themselves: whoever is asked by way of itself says so, and asks nobody. */
import { UpstreamError } from '@sluice/core/ports/upstream'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { answer } from '../../upstream/fault.ts'
import { startScriptedUpstream } from '../../upstream/start-scripted-upstream.ts'
import { makeImage, putImage } from '../../upstream/upstream-content.ts'
import { json, type Answer } from '../answer.ts'
import { describeDoors } from '../describe-doors.ts'
import { DoorUnderTest, openInProcess } from '../door-under-test.ts'
import { noise, settingsOf } from './cached-upstream.ts'
import { frontOf, type Front } from './front-of.ts'

const OWNER = { user: 'system:admin', groups: ['system:masters'] }
const DIGEST = `sha256:${'5'.repeat(64)}`
const NAMED = /^1\.1 sluice-[0-9a-f]{16}$/

const detailOf = (found: Answer) =>
  (json(found) as { errors: readonly { code: string; detail: string }[] }).errors
const through = (registries: number) => ({
  via: Array.from(
    { length: registries },
    (_, at) => `1.1 sluice-${at.toString(16).padStart(16, '0')}`,
  ).join(', '),
})

/** Failures of upstreams are for the log. */
const logged = (of: DoorUnderTest): string[] =>
  of.served.failures.splice(0).map((error) => {
    expect(error).toBeInstanceOf(UpstreamError)
    return (error as UpstreamError).reason
  })

/** A cache whose names of one component are, at its upstream, those of the cache of the same name there. */
const cache = async (of: DoorUnderTest, name: string, urls: readonly string[], prefix = name) => {
  const content = { ...settingsOf(urls[0]!), urls, defaultPrefix: prefix }
  const draft = { name, content }
  const known = await of.registry.upstreams.get(undefined, name)
  const { upstreams } = of.registry
  await (known
    ? upstreams.replace(OWNER, undefined, draft)
    : upstreams.create(OWNER, undefined, draft))
  of.clock.advance(11_000)
}

describeDoors('registries that read through each other', (door) => {
  const other = new DoorUnderTest(openInProcess, {})
  let scripted: Awaited<ReturnType<typeof startScriptedUpstream>>
  let here: Front
  let there: Front
  let made = 0

  beforeAll(async () => {
    await other.open()
    here = await frontOf(door)
    there = await frontOf(other)
    scripted = await startScriptedUpstream()
  })
  afterEach(() => {
    here.forget()
    there.forget()
    scripted.forget()
    for (const { clock } of [door, other]) clock.advance(24 * 3_600_000)
  })
  afterAll(async () => {
    await Promise.all([here.close(), there.close(), scripted.close()])
    await other.close()
  })

  const newName = () => `loop-${++made}.example`
  const image = async (repository: string, tag = 'v1') => {
    const made = makeImage([noise(100)])
    await putImage(scripted.content, repository, tag, made)
    return made.digest
  }

  it.each([
    ['a manifest by its tag', 'GET', 'manifests/v1'],
    ['word of a manifest', 'HEAD', 'manifests/v1'],
    ['a manifest by its digest', 'GET', `manifests/${DIGEST}`],
    ['a blob', 'GET', `blobs/${DIGEST}`],
    ['word of a blob', 'HEAD', `blobs/${DIGEST}`],
    ['the tags', 'GET', 'tags/list'],
    ['the referrers', 'GET', `referrers/${DIGEST}`],
  ])('one that is its own upstream is asked once more for %s', async (_, method, what) => {
    const name = newName()
    await cache(door, name, [here.url])
    const found = await door.ask({ method, path: `/v2/${name}/app/${what}` })
    expect(found.status).toBe(508)
    expect(found.headers['retry-after']).toBeUndefined()
    expect(here.requests).toHaveLength(1)
    expect(here.requests[0]?.asked).toContain(`/v2/${name}/app/${what}`)
    expect(here.requests[0]?.via).toMatch(NAMED)
    expect(logged(door)).toEqual(['looping', 'looping'])
    if (method === 'HEAD') return
    const detail = `upstream ${name} leads back to a registry that is already asking (508 Loop Detected): name another in its urls`
    expect(detailOf(found)).toMatchObject([{ code: 'UNAVAILABLE', detail }])
  })

  it.each(['manifests/v1', `manifests/${DIGEST}`, `blobs/${DIGEST}`, 'tags/list'])(
    'two that are upstreams of each other are asked once each for %s',
    async (what) => {
      const name = newName()
      await cache(door, name, [there.url])
      await cache(other, name, [here.url])
      const found = await door.get(`/v2/${name}/app/${what}`)
      expect(found.status).toBe(508)
      expect(there.requests).toMatchObject([{ via: expect.stringMatching(NAMED) as string }])
      expect(here.requests).toHaveLength(1)
      const [first, second, ...more] = here.requests[0]?.via?.split(', ') ?? []
      expect([first, more]).toEqual([there.requests[0]?.via, []])
      expect(second).toMatch(NAMED)
      expect(second).not.toBe(first)
      expect(logged(door)).toEqual(['looping', 'looping'])
      expect(logged(other)).toEqual(['looping'])
    },
  )

  it('goes on to a mirror where the first address leads back', async () => {
    const name = newName()
    const digest = await image(`${name}/app`)
    await cache(door, name, [there.url])
    await cache(other, name, [here.url, scripted.url])
    const found = await door.get(`/v2/${name}/app/manifests/v1`)
    expect([found.status, found.headers['docker-content-digest']]).toEqual([200, digest])
    expect([there.requests.length, here.requests.length]).toEqual([1, 1])
    expect(logged(door)).toEqual(['looping'])
  })

  it.each(['manifests/v1', 'by digest', 'tags/list'])(
    'waits for no answer that waits for its own, where both are asked at once for %s',
    async (what) => {
      const name = newName()
      const digest = await image(`${name}/app`)
      await cache(door, name, [there.url, scripted.url])
      await cache(other, name, [here.url, scripted.url])
      const problems = () => [door, other].flatMap((of) => of.served.problems)
      const before = problems().length
      const path = `/v2/${name}/app/${what === 'by digest' ? `manifests/${digest}` : what}`
      const found = await Promise.all([door.get(path), other.get(path)])
      expect(found.map(({ status }) => status)).toEqual([200, 200])
      for (const of of [door, other]) {
        expect(logged(of).filter((reason) => reason !== 'looping')).toEqual([])
      }
      expect(problems().slice(before)).toEqual([])
      expect(scripted.requests.length).toBeLessThanOrEqual(2)
      expect(here.requests.length + there.requests.length).toBeLessThanOrEqual(4)
    },
  )

  it('goes on asking for what leads elsewhere, however often something led back', async () => {
    const name = newName()
    await cache(door, name, [there.url])
    await cache(other, name, [here.url])
    for (let times = 0; times < 5; times++) {
      expect((await door.get(`/v2/${name}/app/manifests/v1`)).status).toBe(508)
    }
    expect(logged(door)).toHaveLength(10)
    expect(logged(other)).toHaveLength(5)
    here.forget()
    const missing = await other.get(`/v2/${name}/default/none/manifests/v1`)
    expect(missing.status).toBe(404)
    expect(here.requests).toHaveLength(1)
  })

  it.each(['tag', 'digest'])('tells nobody of a loop but who ran into it, by %s', async (by) => {
    const name = newName()
    const digest = await image(`${name}/app`)
    await cache(door, name, [scripted.url])
    scripted.fail('manifest-get', answer(508), 1)
    const path = `/v2/${name}/app/manifests/${by === 'tag' ? 'v1' : digest}`
    const found = await Promise.all([door.get(path), door.get(path), door.get(path)])
    const statuses = found.map(({ status }) => status).toSorted((one, other) => one - other)
    expect(statuses).toEqual([200, 200, 508])
    expect(logged(door)).toEqual(['looping'])
    expect(scripted.requests).toHaveLength(2)
  })

  it('serves what is here to whoever came through it, and asks nobody', async () => {
    const name = newName()
    const digest = await image(`${name}/app`)
    await cache(door, name, [scripted.url])
    const path = `/v2/${name}/app/manifests/v1`
    await door.get(path)
    await cache(door, name, [here.url])
    expect((await door.get(`/v2/${name}/app/manifests/none`)).status).toBe(508)
    expect(logged(door)).toHaveLength(2)
    const [{ via = '' } = {}] = here.requests
    here.forget()
    const fresh = await door.get(path, { via })
    expect([fresh.status, fresh.headers.warning]).toEqual([200, undefined])
    door.clock.advance(120_000)
    const stale = await door.get(path, { via })
    expect([stale.status, stale.headers['docker-content-digest']]).toEqual([200, digest])
    expect(stale.headers.warning).toContain(`upstream ${name} is not asked`)
    const byDigest = await door.get(`/v2/${name}/app/manifests/${digest}`, { via })
    expect(byDigest.status).toBe(200)
    const listed = await door.get(`/v2/${name}/app/tags/list`, { via })
    expect(json(listed)).toMatchObject({ tags: ['v1'] })
    expect(listed.headers.warning).toContain(`upstream ${name} is not asked`)
    expect([here.requests, scripted.requests.length]).toEqual([[], 1])
  })

  it('tells an upstream of the registries before it, and of no other proxy', async () => {
    const name = newName()
    await image(`${name}/app`)
    await cache(door, name, [scripted.url])
    const before = `1.1 sluice-${'a'.repeat(16)}`
    const via = `2.0 edge.example (CDN, of ours), ${before} (a note), 1.1 sluice-of-others`
    expect((await door.get(`/v2/${name}/app/manifests/v1`, { via })).status).toBe(200)
    const seen = scripted.requests.map(({ headers }) => headers.via?.split(', '))
    expect(seen).toEqual([[before, expect.stringMatching(NAMED)]])
  })

  it('asks nobody for a question that came through more than ten registries', async () => {
    const name = newName()
    await image(`${name}/app`)
    await cache(door, name, [scripted.url])
    const path = `/v2/${name}/app/manifests/v1`
    expect((await door.get(path, through(11))).status).toBe(508)
    expect(logged(door)).toEqual(['looping'])
    expect(scripted.requests).toEqual([])
    expect((await door.get(path, through(10))).status).toBe(200)
    expect(scripted.requests).toHaveLength(1)
  })
})
