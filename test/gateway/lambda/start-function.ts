/** A function as Lambda runs it: as many environments as there are requests at once, each kept for the next one. */
import { setTimeout as sleep } from 'node:timers/promises'
import { requireTools, toolPath } from '../../tools/require-tools.ts'
import type { Outcome } from '../http-api/http-api.ts'
import { gatewayRules, type GatewayRules } from '../gateway-rules.ts'
import { Environment, type Log } from './environment.ts'
import { wholeLines } from './whole-lines.ts'

const MOST_AFTER_ANSWER_MS = 5000

/** Of what a function writes, the latest. */
const KEPT_LOG_CHARACTERS = 256 * 1024

export interface RunningFunction {
  /** Never rejects: Lambda has a word for each way to fail. */
  invoke(event: unknown): Promise<Outcome>
  /** Those that live, the oldest first. */
  environments(): readonly Environment[]
  /** How many were started so far. */
  coldStarts(): number
  /** What the environments wrote, and what Lambda would write beside it. */
  log(): string
  close(): Promise<void>
}

export type OnLine = (line: string, stream: string) => void

export async function startFunction(options: {
  readonly file: string
  readonly handler?: string
  readonly env: Readonly<Record<string, string>>
  readonly rules?: Partial<GatewayRules>
  /** Told each line that an environment writes to its standard output, and which of them it is. */
  readonly onLine?: OnLine | undefined
}): Promise<RunningFunction> {
  await requireTools(['aws-lambda-ric'])
  const { file, handler = 'handler', env, onLine } = options
  const tested = { file, handler, env, client: toolPath('aws-lambda-ric') }
  const rules = gatewayRules(options.rules)
  /** In the order of their last use. */
  let pool: Environment[] = []
  let starting = 0
  let started = 0
  let written = ''
  let closed = false
  const logOf = (stream: string): Log => {
    const split = wholeLines((line) => onLine?.(line, stream))
    return (text, from) => {
      written = (written + text).slice(-KEPT_LOG_CHARACTERS)
      if (from === 'stdout') split(text)
    }
  }

  const idle = (): Environment | undefined => {
    pool = pool.filter(({ state }) => state !== 'ended')
    const free = pool.filter(({ state }) => state === 'idle' || state === 'frozen')
    return rules.reuse === 'latest' ? free.at(-1) : free[0]
  }
  /** Lambda's way back to the client takes longer than the runtime's way to the next event; ours does not. */
  const finished = async (): Promise<void> => {
    const finishing = pool.filter(({ state }) => state === 'answered')
    if (finishing.length === 0) return
    const all = Promise.all(finishing.map((one) => one.settled()))
    await Promise.race([sleep(MOST_AFTER_ANSWER_MS), all])
  }
  const fresh = async (): Promise<Environment | undefined> => {
    if (closed || pool.length + starting >= rules.maxEnvironments) return undefined
    starting += 1
    started += 1
    try {
      return await Environment.start(tested, rules, logOf(`environment-${started}`))
    } finally {
      starting -= 1
    }
  }

  return {
    invoke: async (event) => {
      const payload = JSON.stringify(event)
      if (Buffer.byteLength(payload) > rules.maxEventBytes) return { kind: 'tooLarge' }
      await finished()
      const environment = idle() ?? (await fresh())
      if (!environment) return { kind: 'throttled' }
      pool = [...pool.filter((other) => other !== environment), environment]
      const outcome = await environment.invoke(payload)
      if (environment.invocations >= rules.invocationsPerEnvironment) await environment.close()
      return outcome
    },
    environments: () => pool.filter(({ state }) => state !== 'ended'),
    coldStarts: () => started,
    log: () => written,
    close: async () => {
      closed = true
      await Promise.all(pool.map((environment) => environment.close()))
    },
  }
}
