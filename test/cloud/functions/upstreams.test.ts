/** What a deployment asks of the sweep function: the upstreams as the owner's settings say them. */
import { handler } from '@sluice/functions/sweep'
import { parseProjectName } from '@sluice/core/repository-name'
import { UPSTREAM_PRESETS } from '@sluice/core/upstream/upstream-presets'
import { beforeAll, describe, expect, it } from 'vitest'
import { deadlineIn } from './deadline-in.ts'
import { openStage, type FunctionStage } from './open-stage.ts'

const upstream = (name: string, spec: object = {}) => ({
  apiVersion: 'sluice.dev/v1',
  kind: 'Upstream',
  metadata: { name },
  spec,
})

const told = (...upstreams: readonly unknown[]) =>
  handler({ task: 'upstreams', upstreams }, deadlineIn(60_000))

describe('upstreams of a deployment', () => {
  let stage: FunctionStage
  beforeAll(async () => {
    stage = await openStage()
  })

  const project = (name: string) => stage.wing.registry.projects.find(parseProjectName(name))

  it('have a project each, the presets too, which is not public', async () => {
    expect(await told()).toEqual({ task: 'upstreams', upstreams: [] })
    for (const name of Object.keys(UPSTREAM_PRESETS)) {
      expect(await project(name)).toMatchObject({ upstream: name, public: false })
      const { objects } = await stage.wing.registry.roleBindings.list(name, { limit: 100 })
      const subjects = objects.flatMap(({ content }) => content.subjects.map((one) => one.name))
      // Whoever is logged in may pull.
      expect(subjects).toContain('system:authenticated')
      expect(subjects).not.toContain('system:unauthenticated')
    }
  })

  it('become what they are told, again and again', async () => {
    const hub = { credentials: { type: 'basic', secretName: 'docker-hub' }, missPolicy: 'wait' }
    const other = { urls: ['https://registry.other.test'] }
    const drafts = [upstream('docker.io', hub), upstream('registry.other.test', other)]
    for (const _ of [1, 2]) {
      expect(await told(...drafts)).toMatchObject({
        upstreams: ['docker.io', 'registry.other.test'],
      })
    }
    const { upstreams } = stage.wing.registry
    expect((await upstreams.get(undefined, 'docker.io'))?.content).toEqual({
      ...UPSTREAM_PRESETS['docker.io'],
      ...hub,
    })
    expect(await project('registry.other.test')).toMatchObject({ public: false })
    await told(upstream('docker.io', { ...hub, missPolicy: 'redirect' }))
    expect((await upstreams.get(undefined, 'docker.io'))?.content.missPolicy).toBe('redirect')
    expect((await upstreams.get(undefined, 'registry.other.test'))?.content.urls).toEqual(
      other.urls,
    )
  })

  it.each([
    [[{ kind: 'Upstream' }], 'must be an Upstream of sluice.dev/v1'],
    [[upstream('quay.io', { missPolice: 'wait' })], 'unknown field spec.missPolice'],
    [[upstream('quay.io', { missPolicy: 'never' })], 'spec.missPolicy'],
    [[upstream('unknown.test')], 'spec.urls'],
    ['quay.io', 'a list'],
  ])('are refused: %j', async (upstreams, named) => {
    const event = { task: 'upstreams', upstreams }
    await expect(handler(event, deadlineIn(60_000))).rejects.toThrow(named)
  })
})
