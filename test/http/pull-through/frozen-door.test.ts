import { setTimeout as pause } from 'node:timers/promises'
import { HttpUpstreamDialer } from '@sluice/adapters/upstream/http-upstream-dialer'
import { parseDigest } from '@sluice/core/digest'
import type { Job } from '@sluice/core/ports/queue'
import { createRegistry } from '@sluice/core/registry'
import { parseRepositoryName } from '@sluice/core/repository-name'
import { describe, expect, it } from 'vitest'
import { answer } from '../../upstream/fault.ts'
import { digestOfBytes, makeImage, putImage } from '../../upstream/upstream-content.ts'
import { describeDoors } from '../describe-doors.ts'
import { CachedUpstream, noise } from './cached-upstream.ts'

const MINUTE = 60_000
const PSEUDONYM = 'sluice-0123456789abcdef'
const LATEST = { tag: 'latest' as never }

describeDoors('a door that is frozen after its answer, beside this one', (door) => {
  const cached = new CachedUpstream(door)

  /** `jobs`: what was sent by the time that it answered. */
  const open = () => {
    const { table, store, clock } = door.served.temporary
    const jobs: Job[] = []
    const send = async (job: Job): Promise<void> => {
      await pause(200)
      jobs.push(job)
    }
    const dialer = () =>
      new HttpUpstreamDialer({
        secrets: { read: async () => undefined },
        tokens: { take: async () => '', forget: async () => undefined },
        clock,
        onProblem: () => undefined,
      })
    return {
      jobs,
      send,
      registry: createRegistry({
        table,
        store,
        clock,
        upstreams: { dialer, pseudonym: PSEUDONYM, jobs: { send } },
      }),
    }
  }

  it('has asked about a stale tag by then, also where its owner wants that behind the answer', async () => {
    const project = await cached.cache({ revalidate: 'behind' })
    const { repository } = await cached.image()
    const name = parseRepositoryName(`${project}/${repository}`)
    const { registry } = open()
    await registry.pulls.manifest(name, LATEST)
    const next = makeImage([noise(10)])
    await putImage(cached.upstream.content, repository, 'latest', next)
    door.clock.advance(2 * MINUTE)
    expect((await registry.pulls.manifest(name, LATEST)).digest).toBe(next.digest)
    // And serves what it has where nobody answers.
    cached.upstream.fail('any', answer(500))
    door.clock.advance(2 * MINUTE)
    expect(await registry.pulls.manifest(name, LATEST)).toMatchObject({
      digest: next.digest,
      stale: { age: 120 },
    })
  })

  const lacking = async (missPolicy: 'redirect' | 'wait') => {
    const project = await cached.cache({ missPolicy })
    const { repository, image } = await cached.image()
    const name = parseRepositoryName(`${project}/${repository}`)
    const opened = open()
    await opened.registry.pulls.manifest(name, LATEST)
    cached.upstream.fail('blob-get', answer(404, { 'content-type': 'application/json' }, '{}'))
    const digest = parseDigest(digestOfBytes(image.layers[0]!))
    const read = async () =>
      (await opened.registry.pulls.blob(name, digest, { keep: false })).read('GET', undefined)
    /** As the function does that the jobs wake. */
    const doJobs = async (): Promise<void> => {
      const again = { send: () => Promise.reject(new Error('there is nothing to go on with')) }
      for (const job of opened.jobs.splice(0)) {
        await door.registry.fillJob!.do(job, again, () => false)
      }
    }
    return { ...opened, name, digest, read, doJobs }
  }

  describe('of a blob that a manifest names and the upstream lacks', () => {
    const unknown = { code: 'BLOB_UNKNOWN' }

    it('says so at once where it would show the way there', async () => {
      const { read } = await lacking('redirect')
      await expect(read()).rejects.toMatchObject(unknown)
    })

    it('says so to whoever waits, once a job has heard it, and for a while', async () => {
      const { read, jobs, doJobs } = await lacking('wait')
      const waiting = read().catch((error: unknown) => error)
      await expect.poll(() => jobs.length, { timeout: 10_000 }).toBe(1)
      await doJobs()
      expect(await waiting).toMatchObject(unknown)
      await expect(read()).rejects.toMatchObject(unknown)
      expect(cached.upstream.count('blob-get')).toBe(1)
    })

    it('ends a prefetch, and tells which it is', async () => {
      const { name, digest, registry, jobs, doJobs } = await lacking('wait')
      const step = () =>
        registry.cachedImages.prefetch(name, LATEST, undefined, AbortSignal.timeout(10_000))
      expect(await step()).toMatchObject({ finished: false, failures: [] })
      await expect.poll(() => jobs.length, { timeout: 10_000 }).toBe(2)
      await doJobs()
      const { finished, failures } = await step()
      expect(finished).toBe(true)
      expect(failures.map(({ what }) => what)).toContain(digest)
    })
  })

  it("has sent the job for a blob by then, of which a client is shown to the upstream's store", async () => {
    const project = await cached.cache()
    const { repository, image } = await cached.image()
    const name = parseRepositoryName(`${project}/${repository}`)
    const digest = parseDigest(digestOfBytes(image.layers[0]!))
    const { registry, jobs } = open()
    await registry.pulls.manifest(name, LATEST)
    const location = 'https://store.example/layer'
    cached.upstream.fail('blob-get', answer(307, { location }))
    const blob = await registry.pulls.blob(name, digest, { keep: false })
    expect(await blob.read('GET', undefined)).toEqual({ url: new URL(location) })
    expect(jobs).toEqual([{ kind: 'fill', repository: name, digest, size: blob.size }])
  })

  it('sends the same job whichever registries the question came through: it is done for all', async () => {
    const project = await cached.cache({ missPolicy: 'redirect' })
    const { repository, image } = await cached.image()
    const name = parseRepositoryName(`${project}/${repository}`)
    const digest = parseDigest(digestOfBytes(image.layers[0]!))
    const { registry, jobs, send } = open()
    await registry.pulls.manifest(name, LATEST)
    cached.upstream.fail('blob-get', answer(307, { location: 'https://store.example/layer' }), 1)
    const via = [`sluice-${'a'.repeat(16)}`]
    const blob = await registry.pulls.blob(name, digest, { keep: false, via })
    await blob.read('GET', undefined)
    const seen = () => cached.upstream.requests.map(({ kind, headers }) => [kind, headers.via])
    expect(seen().at(-1)).toEqual(['blob-get', `1.1 ${via[0]}, 1.1 ${PSEUDONYM}`])
    cached.upstream.forget()
    expect(jobs).toEqual([{ kind: 'fill', repository: name, digest, size: blob.size }])
    await registry.fillJob!.do(jobs[0]!, { send }, () => false)
    expect(seen()).toEqual([['blob-get', `1.1 ${PSEUDONYM}`]])
  })
})
