/** Any call of a push fails: the client is told to come again, and then everything is there once and whole. */
import { OCI_INDEX, OCI_MANIFEST } from '@sluice/core/media-type'
import { afterAll, beforeAll, describe, it, vi } from 'vitest'
import { FAULT_KINDS } from '../proxy/calls.ts'
import { expectEveryCallSurvives } from './every-call.ts'
import { FaultRuns, OTHER, REPOSITORY, type Scenario } from './fault-runs.ts'
import {
  config,
  image,
  index,
  layer,
  ofConfig,
  ofImage,
  ofIndex,
  ofLayer,
  ofReferrer,
  referrer,
} from './image.ts'

vi.setConfig({ testTimeout: 600_000 })

const runs = new FaultRuns()
beforeAll(() => runs.open())
afterAll(() => runs.close())

const push: Scenario<void> = {
  objects: 3,
  prepare: async () => undefined,
  run: async ({ client }) => {
    await client.pushInChunks(REPOSITORY, config)
    await client.pushWhole(REPOSITORY, layer)
    await client.pushWhole(OTHER, layer)
    const mount = `/v2/${OTHER}/blobs/uploads/?mount=${ofConfig.digest}&from=${REPOSITORY}`
    await client.send({ method: 'POST', path: mount }, { status: 201 })
    await client.putManifest(REPOSITORY, 'latest', image, OCI_MANIFEST)
    await client.putManifest(REPOSITORY, 'index', index, OCI_INDEX)
    await client.putManifest(REPOSITORY, 'signature', referrer, OCI_MANIFEST)
    await client.putManifest(OTHER, 'latest', image, OCI_MANIFEST)
    await client.putManifest(REPOSITORY, 'latest', index, OCI_INDEX)

    await client.pullManifest(REPOSITORY, 'latest', ofIndex.digest)
    await client.pullManifest(REPOSITORY, 'signature', ofReferrer.digest)
    await client.pullManifest(OTHER, 'latest', ofImage.digest)
    for (const { digest } of [ofConfig, ofLayer]) {
      await client.pullBlob(REPOSITORY, digest)
      await client.pullBlob(OTHER, digest)
    }
  },
}

describe.concurrent('a push of small blobs, an image, an index and a referrer', () => {
  it.each(FAULT_KINDS)('whichever call ends in: %s', (kind) =>
    expectEveryCallSurvives(runs, push, kind),
  )

  it.each(['error', 'lost'] as const)(
    'whichever call goes on ending in: %s, until the client is told',
    (kind) => expectEveryCallSurvives(runs, push, kind, { lasts: 'call' }),
  )
})
