/** Any call of a removal or of a sweep fails: what was to go is gone in the end, and nothing else is. */
import { OCI_INDEX, OCI_MANIFEST } from '@sluice/core/media-type'
import { afterAll, beforeAll, describe, it, vi } from 'vitest'
import { contentOf } from '../../faults/content.ts'
import { describeBytes, manifestBytes } from '../../http/push.ts'
import { FAULT_KINDS } from '../proxy/calls.ts'
import { expectEveryCallSurvives } from './every-call.ts'
import { FaultRuns, OTHER, REPOSITORY, sweepPatiently, type Scenario } from './fault-runs.ts'
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

const spare = contentOf('spare', 300)
const kept = manifestBytes({ mediaType: OCI_MANIFEST, config: ofConfig, layers: [] })
const ofKept = describeBytes(kept, OCI_MANIFEST)

/** Answers where an upload is that nobody will finish. */
const removal: Scenario<string> = {
  objects: 1,
  prepare: async ({ client }) => {
    for (const blob of [config, layer, spare]) await client.pushWhole(REPOSITORY, blob)
    await client.putManifest(REPOSITORY, 'latest', image, OCI_MANIFEST)
    await client.putManifest(REPOSITORY, 'index', index, OCI_INDEX)
    await client.putManifest(REPOSITORY, 'signature', referrer, OCI_MANIFEST)
    await client.putManifest(REPOSITORY, 'kept', kept, OCI_MANIFEST)
    await client.pushWhole(OTHER, layer)
    const uploads = `/v2/${REPOSITORY}/blobs/uploads/`
    const begun = await client.send({ method: 'POST', path: uploads }, { status: 202 })
    const path = begun.headers['location'] ?? ''
    await client.send({ method: 'PATCH', path, body: spare }, { status: 202 })
    return path
  },
  run: async (moment, upload) => {
    const { client } = moment
    await client.send({ method: 'DELETE', path: upload }, { status: 204, again: 404 })
    await client.remove(`${REPOSITORY}/manifests/latest`)
    await client.pullManifest(REPOSITORY, ofImage.digest, ofImage.digest)
    await client.remove(`${REPOSITORY}/manifests/${ofReferrer.digest}`)
    await client.remove(`${REPOSITORY}/manifests/${ofIndex.digest}`)
    await client.remove(`${REPOSITORY}/manifests/${ofImage.digest}`)
    await client.remove(`${REPOSITORY}/blobs/${describeBytes(spare).digest}`)
    await client.remove(`${OTHER}/blobs/${ofLayer.digest}`)
    await sweepPatiently(moment)
    await client.send({ path: `/v2/${REPOSITORY}/blobs/${ofLayer.digest}` }, { status: 404 })
    await client.pullManifest(REPOSITORY, 'kept', ofKept.digest)
    await client.pullBlob(REPOSITORY, ofConfig.digest)
  },
}

describe.concurrent('a removal of an upload, a tag, manifests and blobs, and a sweep', () => {
  it.each(FAULT_KINDS)('whichever call ends in: %s', (kind) =>
    expectEveryCallSurvives(runs, removal, kind),
  )

  it.each(['error', 'lost'] as const)(
    'whichever call goes on ending in: %s, until somebody is told',
    (kind) => expectEveryCallSurvives(runs, removal, kind, { lasts: 'call' }),
  )
})
