/** A quarter of an hour in which the upstream answers 429, as Docker Hub does to whoever has pulled too much. */
import { expect, it } from 'vitest'
import { answer } from '../../upstream/fault.ts'
import { text } from '../answer.ts'
import { describeDoors } from '../describe-doors.ts'
import { CachedUpstream } from './cached-upstream.ts'

const MINUTES = 15
const STEP_MS = 10_000
const TAGS = ['latest', 'v1', 'v2', 'v3', 'v4']

describeDoors('end-3, a quarter of an hour of 429', (door) => {
  const cached = new CachedUpstream(door)

  it('end-3 serves every tag that is here each time, asks little, and is whole again after it', async () => {
    const project = await cached.cache()
    const known = []
    for (const tag of TAGS) {
      const { repository, image } = await cached.image([1000], tag)
      const path = `/v2/${project}/${repository}/manifests/${tag}`
      expect((await door.get(path)).status).toBe(200)
      known.push({ path, image })
    }
    const { repository } = await cached.image([1000], 'unseen')
    const unseen = `/v2/${project}/${repository}/manifests/unseen`
    cached.upstream.forget()
    cached.upstream.fail('any', answer(429, { 'retry-after': '60' }))
    const statuses = new Map<string, number>()
    const count = (what: string): void => void statuses.set(what, (statuses.get(what) ?? 0) + 1)
    const steps = (MINUTES * 60_000) / STEP_MS
    for (let step = 0; step < steps; step++) {
      door.clock.advance(STEP_MS)
      for (const { path, image } of known) {
        const found = await door.get(path)
        expect(found.body).toEqual(image.bytes)
        count(`held ${found.status}`)
      }
      const none = await door.get(unseen)
      expect(Number(none.headers['retry-after'])).toBeGreaterThan(0)
      expect(text(none)).toContain(project)
      count(`not held ${none.status}`)
    }
    expect(Object.fromEntries(statuses)).toEqual({
      [`held 200`]: steps * TAGS.length,
      [`not held 429`]: steps,
    })
    // One question for each minute that it asked us to wait, and not one for each client.
    expect(cached.upstream.requests.length).toBeLessThanOrEqual(MINUTES + 1)
    door.served.failures.splice(0)
    cached.upstream.heal()
    door.clock.advance(60_000)
    expect((await door.get(unseen)).status).toBe(200)
    for (const { path } of known) {
      const found = await door.get(path)
      expect(found.headers.warning).toBeUndefined()
    }
  })
})
