/**
 * The way from the doors' logs to the exporter, as unkind as AWS allows: batches come late, in any order, cut otherwise than they
 * were written, several at once and some of them again.
 */
import type { CloudWatchLogsDecodedData } from 'aws-lambda'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync, gzipSync } from 'node:zlib'
import { METERED } from '../../infra/metered.ts'
import type { SeededRandom } from '../faults/seeded-random.ts'
import type { RunningFunction } from '../gateway/lambda/start-function.ts'
import { MotoLogs } from './moto-logs.ts'
import { shuffled } from './shuffled.ts'

const AT_ONCE = 4
const MOST_TRIES = 10
/** Milliseconds, of an exporter that is killed; it takes some 20 for a batch. */
const MOST_LIFE_MS = 40

export class LogDelivery {
  readonly #logs: MotoLogs
  readonly #exporter: RunningFunction
  readonly #random: SeededRandom
  readonly #waiting = new Map<string, string[]>()
  readonly #streams = new Set<string>()
  /** Each line that passed the subscription's filter. */
  readonly lines: string[] = []
  /** Events that the exporter was given, and those of them that it failed at. */
  invocations = 0
  failures = 0

  constructor(motoUrl: string, exporter: RunningFunction, random: SeededRandom) {
    this.#logs = new MotoLogs(motoUrl)
    this.#exporter = exporter
    this.#random = random
  }

  async open(groups: readonly string[]): Promise<void> {
    await this.#logs.open(groups, METERED)
  }

  write(group: string, stream: string, line: string): void {
    if (!passes(METERED, line)) return
    this.lines.push(line)
    const name = `${group} ${stream}`
    this.#waiting.set(name, [...(this.#waiting.get(name) ?? []), line])
  }

  /** All that was written by now. */
  async deliver(): Promise<void> {
    const written = [...this.#waiting]
    this.#waiting.clear()
    for (const [name, lines] of written) {
      const [group = '', stream = ''] = name.split(' ')
      if (!this.#streams.has(name)) await this.#logs.createStream(group, stream)
      this.#streams.add(name)
      await this.#logs.put(group, stream, lines)
    }
    const data = await this.#logs.handedOn()
    const events = shuffled(
      data.flatMap((one) => this.#unkind(one)),
      this.#random,
    )
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let event = events.pop(); event !== undefined; event = events.pop()) {
          await this.#invoke(event)
        }
      }),
    )
  }

  /** What fails comes again, and one of ten loses its environment, or another's, while it is at work. */
  async #invoke(data: string): Promise<void> {
    const dies = this.#random.chance(10)
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      this.invocations += 1
      const answer = this.#exporter.invoke({ awslogs: { data } })
      if (dies && tries === 0) {
        await sleep(this.#random.below(MOST_LIFE_MS))
        this.#random.pick(this.#exporter.environments())?.kill()
      }
      const { kind } = await answer
      if (kind === 'result') return
      this.failures += 1
    }
    throw new Error(`the exporter failed each time: ${this.#exporter.log().slice(-2000)}`)
  }

  #unkind(data: string): string[] {
    const batch = JSON.parse(gunzip(data)) as CloudWatchLogsDecodedData
    const parts: CloudWatchLogsDecodedData[] = []
    let rest = shuffled(batch.logEvents, this.#random)
    while (rest.length > 0) {
      const size = 1 + this.#random.below(rest.length)
      parts.push({ ...batch, logEvents: rest.slice(0, size) })
      rest = rest.slice(size)
    }
    const again = this.#random.chance(50) ? [batch] : []
    return [...parts, ...again].map((part) => gzipSync(JSON.stringify(part)).toString('base64'))
  }
}

const gunzip = (data: string): string => gunzipSync(Buffer.from(data, 'base64')).toString('utf8')

/** As CloudWatch Logs reads a pattern of the one form that ours has. */
function passes(pattern: string, line: string): boolean {
  const [, path = '', least] = /^\{ \$\.([\w.]+) > (\d+) \}$/.exec(pattern) ?? []
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return false
  }
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null) return false
    value = (value as Record<string, unknown>)[name]
  }
  return typeof value === 'number' && value > Number(least)
}
