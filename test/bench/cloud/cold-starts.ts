/** From the start of a process to its first answer, in the real runtime client. */
import { median } from '../median.ts'
import { figure, type Table } from '../report.ts'
import { rotated } from '../rotated.ts'
import type { Bench } from '../start-peers.ts'
import { cpuTimeOf } from './cpu-time-of.ts'
import { REPOSITORY, TAG, type FilledStage, type Headers } from './filled-stage.ts'
import type { Functions } from './functions.ts'
import { RunningFunction, type FunctionQuestion } from './running-function.ts'

const ROUNDS = 20

interface Start {
  readonly name: string
  readonly file: string
  readonly question: (granted: Headers) => FunctionQuestion
}

interface Times {
  readonly init: number
  readonly answer: number
  readonly cpu: number
}

const stranger = (): FunctionQuestion => ({ target: '/v2/', status: 401 })

export async function coldStarts(
  bench: Bench,
  stage: FilledStage,
  functions: Functions,
): Promise<Table> {
  const rounds = bench.quick ? 3 : ROUNDS
  const starts: Start[] = [
    {
      name: 'an empty handler',
      file: functions.empty,
      question: () => ({ target: '/v2/', status: 200 }),
    },
    { name: '`GET /v2/` without Authorization (no call)', file: functions.api, question: stranger },
    {
      name: 'a manifest by tag with a token (one call of SSM, two of DynamoDB)',
      file: functions.api,
      question: (headers) => ({
        target: `/v2/${REPOSITORY}/manifests/${TAG}`,
        headers,
        status: 200,
      }),
    },
  ]
  const times = new Map<Start, Times[]>()
  // The first of each finds nothing in the page cache, and counts for nothing.
  for (let round = -1; round < rounds; round++) {
    for (const start of rotated(starts, round + 1)) {
      const took = await startOnce(start, stage.environment, await stage.headers())
      if (round >= 0) times.set(start, [...(times.get(start) ?? []), took])
    }
  }
  const of = (start: Start, pick: keyof Times): string =>
    figure(median((times.get(start) ?? []).map((each) => each[pick])))
  return {
    title: 'A cold start, ms',
    head: ['', 'init', 'to the first answer', 'processor time of all that'],
    rows: starts.map((start) => [
      start.name,
      of(start, 'init'),
      of(start, 'answer'),
      of(start, 'cpu'),
    ]),
    notes: [
      `median of ${rounds}, in turns; from the start of the Node process; init ends when the runtime client asks for its first event; the runtime client is aws-lambda-ric's, the bundle as deployed`,
      'wanted: less than 200 ms to the first answer that needs no call',
    ],
  }
}

async function startOnce(
  { file, question }: Start,
  environment: Headers,
  granted: Headers,
): Promise<Times> {
  const began = performance.now()
  const started = await RunningFunction.start(file, environment)
  try {
    await started.ready()
    const init = performance.now() - began
    await started.ask(question(granted))
    const answer = performance.now() - began
    return { init, answer, cpu: cpuTimeOf(started.pid) }
  } finally {
    await started.close()
  }
}
