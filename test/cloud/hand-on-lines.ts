/** What stands for CloudWatch Logs where nobody tries it: each second, what the doors have written since goes to the exporter. */
import { logsEvent } from '../functions/logs-event.ts'
import type { RunningFunction } from '../gateway/lambda/start-function.ts'

const EVERY_MS = 1000

export interface LinesHandedOn {
  write(line: string): void
  stop(): Promise<void>
}

/** `more`: lines that come by another way, asked for each time. */
export function handOnLines(
  exporter: Pick<RunningFunction, 'invoke'>,
  more: () => readonly string[],
  everyMs = EVERY_MS,
): LinesHandedOn {
  let waiting: string[] = []
  let last = Promise.resolve()
  const handOn = async (): Promise<void> => {
    const lines = [...waiting, ...more()].filter((line) => line.startsWith('{"_aws"'))
    waiting = []
    if (lines.length === 0) return
    const { kind } = await exporter.invoke(logsEvent(lines))
    // Lambda brings them again; those that were counted are not counted twice.
    if (kind !== 'result') waiting = [...lines, ...waiting]
  }
  const timer = setInterval(() => {
    last = last.then(handOn)
  }, everyMs)
  return {
    write: (line) => void waiting.push(line),
    stop: async () => {
      clearInterval(timer)
      await last
    },
  }
}
