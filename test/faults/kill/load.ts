/** Clients at work on one server, each drawing what it does next, until the server is gone. */
import { NoAnswer, type Door } from '../ask.ts'
import type { SeededRandom } from '../seeded-random.ts'
import type { Ledger, LoadManifest } from './ledger.ts'
import { LoadClient } from './load-client.ts'
import { moveTag, pushImage, pushIndex, pushVeryMany } from './push-manifest.ts'
import {
  abandonUpload,
  cancelUpload,
  deleteBlob,
  deleteManifest,
  deleteTag,
  resumeUpload,
} from './removals.ts'

type Work = (client: LoadClient) => Promise<void>

/** How often each is drawn. */
const WORK: readonly (readonly [Work, number])[] = [
  [pushImage, 40],
  [pushIndex, 8],
  [pushVeryMany, 4],
  [moveTag, 10],
  [deleteTag, 6],
  [deleteManifest, 10],
  [deleteBlob, 8],
  [abandonUpload, 5],
  [cancelUpload, 5],
  [resumeUpload, 4],
]
const DRAWN = WORK.flatMap(([work, times]) => Array<Work>(times).fill(work))

const PUSHERS = 8
const PRUNERS = 2

export interface Load {
  readonly door: Door
  readonly ledger: Ledger
  readonly random: SeededRandom
  readonly repositories: readonly string[]
  readonly name: string
  /** Manifests that nobody uses any more. */
  readonly retired: LoadManifest[]
}

export interface LoadOutcome {
  /** Answers that no request should have got. */
  readonly surprises: string[]
  readonly answered: Map<string, number>
}

/** `ended` comes when the last client has noticed that its server is dead. */
export function startLoad(load: Load): { readonly outcome: LoadOutcome; ended: Promise<unknown> } {
  const outcome: LoadOutcome = { surprises: [], answered: new Map() }
  const client = (name: string): LoadClient =>
    new LoadClient({ ...load, ...outcome, random: load.random.fork(), name })
  const pushers = Array.from({ length: PUSHERS }, (_, at) =>
    untilGone(client(`${load.name}-${at}`), ({ random }) => random.pick(DRAWN)),
  )
  const pruners = Array.from({ length: PRUNERS }, (_, at) =>
    untilGone(client(`${load.name}-pruner-${at}`), () => {
      const manifest = load.retired.pop()
      return manifest && ((pruner) => deleteManifest(pruner, manifest))
    }),
  )
  return { outcome, ended: Promise.all([...pushers, ...pruners]) }
}

async function untilGone(
  client: LoadClient,
  next: (client: LoadClient) => Work | undefined,
): Promise<void> {
  try {
    for (let work = next(client); work; work = next(client)) await work(client)
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error
  }
}
