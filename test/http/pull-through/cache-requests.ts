/** What may be asked of a project that caches an upstream, as tests ask it through a door. */
import { UpstreamError } from '@sluice/core/ports/upstream'
import { afterEach, expect } from 'vitest'
import type { Answer } from '../answer.ts'
import { JSON_TYPE, wire } from '../apis/wire.ts'
import type { DoorUnderTest } from '../door-under-test.ts'
import { CachedUpstream } from './cached-upstream.ts'

/** After each test the registry is checked. */
export function cacheRequests(door: DoorUnderTest) {
  const cached = new CachedUpstream(door)

  afterEach(async () => {
    const { problems } = await door.registry.checker.check({ deep: true, pause: 0 })
    // oxlint-disable-next-line vitest/no-standalone-expect -- said of each test
    expect(problems).toEqual([])
  })

  /** Failures of the upstream are for the log. */
  const logged = (): string[] =>
    door.served.failures.splice(0).map((error) => {
      expect(error).toBeInstanceOf(UpstreamError)
      return (error as UpstreamError).reason
    })
  const ask = (
    plural: string,
    project: string,
    spec: object,
    headers: object = {},
  ): Promise<Answer> =>
    door.post(
      `/apis/sluice.dev/v1/namespaces/${project}/${plural}`,
      JSON.stringify({ apiVersion: 'sluice.dev/v1', spec }),
      { ...JSON_TYPE, ...headers },
    )
  const status = async (plural: string, project: string, spec: object) => {
    const found = await ask(plural, project, spec)
    expect(found.status).toBe(201)
    return wire(found)['status'] as Readonly<Record<string, unknown>>
  }
  const kinds = () => cached.upstream.requests.map(({ kind }) => kind)
  const pull = async (project: string, repository: string, reference = 'latest') => {
    const found = await door.get(`/v2/${project}/${repository}/manifests/${reference}`)
    return found.headers['docker-content-digest'] ?? found.status
  }
  return { cached, logged, ask, status, kinds, pull }
}
