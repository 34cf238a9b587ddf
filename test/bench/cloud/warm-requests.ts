/** How long a warm environment takes over everyday requests, and what it holds in memory after all of them. */
import { randomBytes } from 'node:crypto'
import { tagKey } from '@sluice/core/records/keys'
import { parseTag } from '@sluice/core/reference'
import { parseRepositoryName } from '@sluice/core/repository-name'
import type { EngineUrls } from '../../cloud/engines/engine-clients.ts'
import { median, quantile } from '../median.ts'
import { peakMemory, residentMemory } from '../process-memory.ts'
import { figure, type Table } from '../report.ts'
import { rotated } from '../rotated.ts'
import type { Bench } from '../start-peers.ts'
import { countedCalls } from './counted-calls.ts'
import { cpuTimeOf } from './cpu-time-of.ts'
import { blobPush, REPOSITORY, TAG, type FilledStage, type Headers } from './filled-stage.ts'
import type { Functions } from './functions.ts'
import { ONE_READ } from './one-read-function.ts'
import { operations, type Operation } from './operations.ts'
import { MEMORY_MB, RunningFunction } from './running-function.ts'

/** The largest body that an event brings in base64, nearly. */
const LARGE_BYTES = 4_000_000
const LARGE_BLOBS = 20

interface Measured {
  readonly operation: Operation
  readonly in: RunningFunction
  readonly took: number[]
  readonly cpu: number[]
}

export async function warmRequests(
  bench: Bench,
  urls: EngineUrls,
  stage: FilledStage,
  functions: Functions,
): Promise<Table[]> {
  const [rounds, warmUp] = bench.quick ? [20, 5] : [500, 200]
  const { environment } = stage
  const everyday = operations(stage.image)
  const counts = await countedCalls(
    everyday,
    functions.api,
    urls,
    environment,
    await stage.headers(),
  )
  const started: RunningFunction[] = []
  const start = async (file: string, env: Headers = environment): Promise<RunningFunction> => {
    const one = await RunningFunction.start(file, env)
    started.push(one)
    return one
  }
  try {
    const { pk, sk } = tagKey(parseRepositoryName(REPOSITORY), parseTag(TAG))
    const empty = await start(functions.empty)
    const oneRead = await start(functions.oneRead, {
      ...environment,
      [ONE_READ.pk]: pk,
      [ONE_READ.sk]: sk,
    })
    const api = await start(functions.api)
    const all: Measured[] = [
      measured({ name: 'an empty handler', question: nothing }, empty),
      measured({ name: 'a handler with one GetItem', question: nothing }, oneRead),
      ...everyday.map((operation) => measured(operation, api)),
    ]
    for (let round = -warmUp; round < rounds; round++) {
      const granted = await stage.headers()
      for (const each of rotated(all, round + warmUp)) await measure(each, granted, round >= 0)
    }
    const after = memoryOf(api)
    const granted = await stage.headers()
    for (let n = 0; n < LARGE_BLOBS; n++) await api.ask(blobPush(randomBytes(LARGE_BYTES), granted))
    return [times(all, counts, rounds, warmUp), memory(after, memoryOf(api), all, rounds + warmUp)]
  } finally {
    await Promise.all(started.map((one) => one.close()))
  }
}

const nothing = () => ({ target: '/', status: 200 })

const measured = (operation: Operation, in_: RunningFunction): Measured => ({
  operation,
  in: in_,
  took: [],
  cpu: [],
})

async function measure(each: Measured, granted: Headers, counts: boolean): Promise<void> {
  const before = cpuTimeOf(each.in.pid)
  const { took } = await each.in.ask(each.operation.question(granted))
  if (!counts) return
  each.took.push(took)
  each.cpu.push(cpuTimeOf(each.in.pid) - before)
}

function times(
  all: readonly Measured[],
  counts: ReadonlyMap<string, string>,
  rounds: number,
  warmUp: number,
): Table {
  return {
    title: 'A warm environment, ms for each request',
    head: ['', 'median', 'p99', 'processor time (mean)', 'cloud calls'],
    rows: all.map(({ operation: { name }, took, cpu }) => [
      name,
      figure(median(took)),
      figure(quantile(took, 0.99)),
      figure(cpu.reduce((sum, each) => sum + each, 0) / cpu.length),
      counts.get(name) ?? '-',
    ]),
    notes: [
      `${rounds} of each after ${warmUp} to warm up, in turns, one at a time; from the invocation to the answer through the real runtime client; DynamoDB Local and versitygw on the same cores, so that a call costs what one GetItem does here, not in the cloud`,
    ],
  }
}

interface Memory {
  readonly now: number
  readonly peak: number
}

const memoryOf = ({ pid }: RunningFunction): Memory => ({
  now: residentMemory(pid),
  peak: peakMemory(pid),
})

function memory(after: Memory, large: Memory, all: readonly Measured[], rounds: number): Table {
  const requests = figure((all.length - 2) * rounds)
  const row = (name: string, { now, peak }: Memory): string[] => [name, figure(now), figure(peak)]
  return {
    title: 'Memory of that environment, MB',
    head: ['after', 'resident', 'most so far'],
    rows: [
      row(`${requests} requests`, after),
      row(`${LARGE_BLOBS} blobs of ${LARGE_BYTES / 1e6} MB, each in one request`, large),
    ],
    notes: [
      `VmRSS and VmHWM; Node is told of ${MEMORY_MB} MB as Lambda tells it`,
      'wanted: less than 256 MB',
    ],
  }
}
