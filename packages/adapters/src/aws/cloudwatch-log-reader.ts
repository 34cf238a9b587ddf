/**
 * What the doors in the cloud logged: one log group for each, `<prefix>/<door>`. Nothing is followed: whoever wants more
 * asks again.
 */
import {
  FilterLogEventsCommand,
  ResourceNotFoundException,
  type CloudWatchLogsClient,
  type FilteredLogEvent,
} from '@aws-sdk/client-cloudwatch-logs'
import type { LoggedLine, LogQuery, LogReader } from '@sluice/core/ports/log-reader'

const DOORS: ReadonlySet<string> = new Set(['api', 'fill', 'sweep', 'exporter', 'upload-door'])

/** How far one looks back who says no time: all that there is may be the log of a month. */
export const LOOK_BACK = 60 * 60 * 1000

/** Lines of one answer, which a function may give: the newest. */
export const MAX_LINES = 5000

/** Pages that one question looks at, of at most 1 MB each. */
const MAX_PAGES = 20

/** The figures of a function, which CloudWatch takes from its log (Embedded Metric Format). */
const METRICS = /^\{"_aws"|"_aws":\{"Timestamp"/

export class CloudWatchLogReader implements LogReader {
  readonly follows = false
  readonly #client: CloudWatchLogsClient
  readonly #prefix: string

  constructor(client: CloudWatchLogsClient, prefix: string) {
    this.#client = client
    this.#prefix = prefix
  }

  async read(part: string, query: LogQuery): Promise<AsyncIterable<LoggedLine> | undefined> {
    if (!DOORS.has(part)) return undefined
    const lines = await this.#newest(`${this.#prefix}/${part}`, query)
    return lines && each(lines)
  }

  async #newest(group: string, query: LogQuery): Promise<readonly LoggedLine[] | undefined> {
    const { since = Date.now() - LOOK_BACK, tail = MAX_LINES, matches = () => true } = query
    const most = Math.min(tail, MAX_LINES)
    let lines: LoggedLine[] = []
    let nextToken: string | undefined
    for (let page = 0; page < MAX_PAGES; page++) {
      const asked = { logGroupName: group, startTime: since, ...(nextToken && { nextToken }) }
      const answer = await this.#client
        .send(new FilterLogEventsCommand(asked))
        .catch((error: unknown) => {
          if (error instanceof ResourceNotFoundException) return undefined
          throw error
        })
      if (!answer) return undefined
      lines.push(
        ...(answer.events ?? [])
          .map(lineOf)
          .filter(({ text }) => !METRICS.test(text) && matches(text)),
      )
      // Of one page, each environment's are in order.
      lines = lines.toSorted((one, other) => one.at - other.at)
      if (lines.length > 2 * most) lines = newestOf(lines, most)
      nextToken = answer.nextToken
      if (nextToken === undefined) break
    }
    return newestOf(lines, most)
  }
}

const lineOf = ({ timestamp = 0, message = '' }: FilteredLogEvent): LoggedLine => ({
  at: timestamp,
  text: message.trimEnd(),
})

const newestOf = (lines: readonly LoggedLine[], most: number): LoggedLine[] =>
  lines.slice(Math.max(0, lines.length - most))

async function* each(lines: readonly LoggedLine[]): AsyncGenerator<LoggedLine> {
  yield* lines
}
