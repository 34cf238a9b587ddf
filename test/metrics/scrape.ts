/** What a registry says of itself, as numbers by series. */
import type { RunningSluice } from '../running-sluice.ts'

export const SECRET = 'secret-of-the-scraper'

export const METRICS = '/extensions/v2/metrics'

/** `name{label="value"}` to its value. */
export type Samples = ReadonlyMap<string, number>

export async function exposition(
  server: RunningSluice,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const authorization = `Bearer ${SECRET}`
  const answer = await fetch(server.url + METRICS, { headers: { authorization, ...headers } })
  if (answer.status !== 200) throw new Error(`${answer.status} ${await answer.text()}`)
  return answer.text()
}

export const samplesOf = (text: string): Samples =>
  new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const space = line.lastIndexOf(' ')
        return [line.slice(0, space), Number(line.slice(space + 1))] as const
      }),
  )

export const scrape = async (server: RunningSluice): Promise<Samples> =>
  samplesOf(await exposition(server))

/** By how much the series of a family moved; one that was not there before counts from 0. */
export function moved(
  before: Samples,
  after: Samples,
  family: string,
): Readonly<Record<string, number>> {
  const changes: Record<string, number> = {}
  for (const [series, value] of after) {
    if (series !== family && !series.startsWith(`${family}{`)) continue
    const by = value - (before.get(series) ?? 0)
    if (by !== 0) changes[series.slice(family.length)] = by
  }
  return changes
}
