/** Any call of a pull fails: nothing is said to be absent that is there, nor to be there that is not. */
import { OCI_INDEX, OCI_MANIFEST } from '@sluice/core/media-type'
import { afterAll, beforeAll, describe, it, vi } from 'vitest'
import { FAULT_KINDS } from '../proxy/calls.ts'
import { expectEveryCallSurvives } from './every-call.ts'
import { FaultRuns, OTHER, REPOSITORY, type Scenario } from './fault-runs.ts'
import { Violation } from './patient-client.ts'
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

const pull: Scenario<void> = {
  objects: 3,
  prepare: async ({ client }) => {
    for (const blob of [config, layer]) await client.pushWhole(REPOSITORY, blob)
    await client.putManifest(REPOSITORY, 'latest', image, OCI_MANIFEST)
    await client.putManifest(REPOSITORY, 'index', index, OCI_INDEX)
    await client.putManifest(REPOSITORY, 'signature', referrer, OCI_MANIFEST)
  },
  run: async ({ client }) => {
    await client.pullManifest(REPOSITORY, 'latest', ofImage.digest)
    await client.pullManifest(REPOSITORY, ofIndex.digest, ofIndex.digest)
    await client.pullManifest(REPOSITORY, 'signature', ofReferrer.digest)
    for (const { digest } of [ofConfig, ofLayer]) {
      await client.send(
        { method: 'HEAD', path: `/v2/${REPOSITORY}/blobs/${digest}` },
        { status: 200 },
      )
      await client.pullBlob(REPOSITORY, digest)
    }
    const tags = JSON.stringify(await client.list(`${REPOSITORY}/tags/list`))
    if (!tags.includes('["index","latest","signature"]')) throw new Violation(tags)
    const referrers = JSON.stringify(await client.list(`${REPOSITORY}/referrers/${ofImage.digest}`))
    if (!referrers.includes(ofReferrer.digest)) throw new Violation(referrers)
    await client.send({ path: `/v2/${REPOSITORY}/manifests/unknown` }, { status: 404 })
    await client.send({ path: `/v2/${OTHER}/blobs/${ofLayer.digest}` }, { status: 404 })
    await client.send({ path: `/v2/${OTHER}/tags/list` }, { status: 404 })
  },
}

describe.concurrent('a pull', () => {
  it.each(FAULT_KINDS.filter((kind) => kind !== 'conflict'))('whichever call ends in: %s', (kind) =>
    expectEveryCallSurvives(runs, pull, kind),
  )

  it('whichever call goes on failing until the client is told', () =>
    expectEveryCallSurvives(runs, pull, 'error', { lasts: 'call' }))
})
