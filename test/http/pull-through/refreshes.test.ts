/** A tag that is looked at anew. */
import { expect, it } from 'vitest'
import { answer } from '../../upstream/fault.ts'
import { makeImage, putImage } from '../../upstream/upstream-content.ts'
import { expectStatus } from '../apis/wire.ts'
import { describeDoors } from '../describe-doors.ts'
import { cacheRequests } from './cache-requests.ts'
import { noise } from './cached-upstream.ts'

const HOUR = 3_600_000

describeDoors('requests to a cache', (door) => {
  const { cached, logged, ask, status, kinds, pull } = cacheRequests(door)

  it('refresh asks what a tag names now, however fresh it is', async () => {
    const project = await cached.cache()
    const { repository, image } = await cached.image()
    const spec = { repository, tag: 'latest' }
    expect(await status('imagerefreshes', project, spec)).toEqual({ digest: image.digest })
    door.clock.advance(1)
    expect(await status('imagerefreshes', project, spec)).toEqual({
      digest: image.digest,
      previousDigest: image.digest,
    })
    expect(kinds()).toEqual(['manifest-get', 'manifest-head'])
    const next = makeImage([noise(10)])
    await putImage(cached.upstream.content, repository, 'latest', next)
    expect(await pull(project, repository)).toBe(image.digest)
    door.clock.advance(1)
    expect(await status('imagerefreshes', project, spec)).toEqual({
      digest: next.digest,
      previousDigest: image.digest,
    })
    expect(await pull(project, repository)).toBe(next.digest)
    expect(kinds()).toEqual(['manifest-get', 'manifest-head', 'manifest-head', 'manifest-get'])
  })

  it('refresh says what is too new to be served', async () => {
    const project = await cached.cache({ minimumTagAge: 86_400 })
    const { repository, image } = await cached.image()
    const spec = { repository, tag: 'latest' }
    await status('imagerefreshes', project, spec)
    const next = makeImage([noise(10)])
    await putImage(cached.upstream.content, repository, 'latest', next)
    door.clock.advance(1)
    const held = { digest: image.digest, previousDigest: image.digest, nextDigest: next.digest }
    expect(await status('imagerefreshes', project, spec)).toEqual(held)
    door.clock.advance(25 * HOUR)
    expect(await status('imagerefreshes', project, spec)).toEqual({
      digest: next.digest,
      previousDigest: image.digest,
    })
  })

  it('refresh asks also for what was not there a moment ago', async () => {
    const project = await cached.cache()
    const { repository, image } = await cached.image()
    expect(await pull(project, repository, 'v2')).toBe(404)
    await putImage(cached.upstream.content, repository, 'v2', image)
    expect(await pull(project, repository, 'v2')).toBe(404)
    const spec = { repository, tag: 'v2' }
    expect(await status('imagerefreshes', project, spec)).toEqual({ digest: image.digest })
    expect(await pull(project, repository, 'v2')).toBe(image.digest)
  })

  it('refresh says why it could not, and leaves what is here', async () => {
    const project = await cached.cache()
    const { repository, image } = await cached.image()
    await pull(project, repository)
    door.clock.advance(1)
    const spec = { repository, tag: 'latest' }
    cached.upstream.fail('any', answer(503))
    const failed = await ask('imagerefreshes', project, spec)
    expectStatus(failed, 503, 'ServiceUnavailable', new RegExp(`^upstream ${project} `))
    cached.upstream.heal()
    cached.upstream.fail('any', answer(429, { 'retry-after': '9' }))
    const limited = await ask('imagerefreshes', project, spec)
    expectStatus(limited, 429, 'TooManyRequests', new RegExp(`^upstream ${project} `))
    expect(limited.headers['retry-after']).toBe('9')
    expect(logged()).toEqual(['failing', 'limited'])
    expect(await pull(project, repository)).toBe(image.digest)
    cached.upstream.heal()
    door.clock.advance(HOUR / 60)
    cached.upstream.fail('any', answer(404))
    const gone = await ask('imagerefreshes', project, spec)
    expectStatus(gone, 404, 'NotFound', /has no such tag latest$/)
    // Then the upstream has said so.
    expect(await pull(project, repository)).toBe(404)
  })
})
