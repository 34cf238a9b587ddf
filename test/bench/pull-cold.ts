/** Images that nobody has asked for: by a cache, by another, and from their upstream itself. */
import { median } from './median.ts'
import { onePull, type Way } from './one-pull.ts'
import { figure, ratio, type Table } from './report.ts'
import { rotated } from './rotated.ts'
import type { Bench } from './start-peers.ts'

const MB = 1_000_000

export async function pullCold(
  bench: Bench,
  ways: readonly [Way, Way, Way],
  put: (tag: string, bytes: number) => Promise<string>,
  run: {
    readonly title: string
    /** What its images' tags begin with. */
    readonly tag: string
    /** MB */
    readonly sizes: readonly number[]
    readonly rounds: number
    readonly notes: readonly string[]
  },
): Promise<Table> {
  const [ours, theirs, direct] = ways
  const rows: string[][] = []
  for (const megabytes of run.sizes) {
    const pulls = new Map<Way, { first: number; whole: number }[]>()
    for (let round = 0; round < run.rounds; round++) {
      const tag = `${run.tag}-${megabytes}-${round}`
      const digest = await put(tag, megabytes * MB)
      for (const way of rotated(ways, round)) {
        const took = await onePull(way, tag, digest, megabytes * MB)
        pulls.set(way, [...(pulls.get(way) ?? []), took])
        bench.say(`${way.name}: ${megabytes} MB cold in ${took.whole.toFixed(3)} s`)
      }
    }
    const of = (way: Way, pick: 'first' | 'whole'): number =>
      median((pulls.get(way) ?? []).map((took) => took[pick]))
    const kinds = [
      ['the whole', 'whole'],
      ['first byte of the layer', 'first'],
    ] as const
    for (const [what, pick] of kinds) {
      const base = of(direct, pick)
      rows.push([
        `${megabytes} MB: ${what}`,
        ...ways.map((way) => `${figure(of(way, pick) * 1000)} ms`),
        ratio(of(ours, pick), base),
        ratio(of(theirs, pick), base),
      ])
    }
  }
  return {
    title: run.title,
    head: ['', ...ways.map(({ name }) => name), 'Sluice / upstream', 'proxy / upstream'],
    rows,
    notes: [
      `manifest by tag, then the one layer of an image that nobody has asked for, by curl; median of ${run.rounds} images each; Sluice syncs what it stores behind the last byte, the proxy not at all`,
      ...run.notes,
      "wanted: at most 1.3x the upstream, and faster than the proxy's",
    ],
  }
}
