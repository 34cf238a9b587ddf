/** Any call of a push of large blobs fails, in chunks as in one stream, of new bytes as of bytes that are known. */
import { OCI_MANIFEST } from '@sluice/core/media-type'
import { afterAll, beforeAll, describe, it, vi } from 'vitest'
import { contentOf } from '../../faults/content.ts'
import { describeBytes, manifestBytes } from '../../http/push.ts'
import { FAULT_KINDS, type FaultKind } from '../proxy/calls.ts'
import { expectEveryCallSurvives } from './every-call.ts'
import { FaultRuns, OTHER, REPOSITORY, type Scenario } from './fault-runs.ts'

vi.setConfig({ testTimeout: 600_000 })

const runs = new FaultRuns()
beforeAll(() => runs.open())
afterAll(() => runs.close())

const MIB = 1024 * 1024
/** The second makes a part of what the first has left, the last leaves bytes that are none. */
const CHUNKS = [9 * MIB, 3 * MIB, 7 * MIB, 2 * MIB]

const chunked = contentOf('chunked', 21 * MIB)
const streamed = contentOf('streamed', 6 * MIB)
const [ofChunked, ofStreamed] = [describeBytes(chunked), describeBytes(streamed)]
const layers = [ofChunked, ofStreamed]
const image = manifestBytes({ mediaType: OCI_MANIFEST, config: ofStreamed, layers })

const push: Scenario<void> = {
  isLarge: true,
  objects: 2,
  prepare: async () => undefined,
  run: async ({ client }) => {
    await client.pushInChunks(REPOSITORY, chunked, CHUNKS)
    await client.pushInChunks(REPOSITORY, streamed)
    await client.pushInChunks(OTHER, streamed)
    await client.putManifest(REPOSITORY, 'latest', image, OCI_MANIFEST)
    // What no manifest names may be swept.
    const one = manifestBytes({ mediaType: OCI_MANIFEST, config: ofStreamed, layers: [] })
    await client.putManifest(OTHER, 'latest', one, OCI_MANIFEST)
    for (const { digest } of layers) await client.pullBlob(REPOSITORY, digest)
    await client.pullBlob(OTHER, ofStreamed.digest)
  },
}

/** What these do to a push is what the others do; every second run of them a day is enough. */
const ALIKE: ReadonlySet<FaultKind> = new Set(['throttle', 'conflict', 'reset', 'cut'])

describe.concurrent('a push of large blobs', () => {
  it.each(FAULT_KINDS)('whichever call ends in: %s', (kind) =>
    expectEveryCallSurvives(runs, push, kind, { share: ALIKE.has(kind) ? 2 : 1 }),
  )

  it.each(['error', 'lost'] as const)(
    'whichever call goes on ending in: %s, until the client is told',
    (kind) => expectEveryCallSurvives(runs, push, kind, { lasts: 'call', share: 4 }),
  )
})
