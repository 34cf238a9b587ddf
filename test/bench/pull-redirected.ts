/** A cold layer by way of the upstream's own store, where a cache sends its clients there, against the upstream itself. */
import { OCI_MANIFEST } from '@sluice/core/media-type'
import { curlTimes } from './curl.ts'
import { expectStatus } from './http-exchange.ts'
import { median } from './median.ts'
import type { RunningPeer } from './peers/peer.ts'
import type { RedirectingUpstream } from './redirecting-upstream.ts'
import { figure, ratio, type Table } from './report.ts'
import { rotated } from './rotated.ts'
import type { Bench } from './start-peers.ts'

const REPOSITORY = 'bench/app'
const MB = 1_000_000

export async function pullRedirected(
  bench: Bench,
  sluice: RunningPeer,
  upstream: RedirectingUpstream,
  cache: {
    /** Of the upstream's. */
    readonly name: string
    readonly rounds: number
    /** What is special about the upstream. */
    readonly special?: string
  },
): Promise<Table> {
  const sizes = bench.quick ? [10] : [10, 100, 500]
  const { name, rounds, special = '' } = cache
  const repository = `${name}/${REPOSITORY}`
  const ways = [
    {
      url: sluice.url,
      repository,
      authorize: () => sluice.authorize(`repository:${repository}:pull`),
    },
    { url: upstream.url, repository: REPOSITORY, authorize: () => Promise.resolve({}) },
  ] as const
  const rows: string[][] = []
  for (const megabytes of sizes) {
    const times = ways.map(() => ({ first: [] as number[], whole: [] as number[] }))
    for (let round = -1; round < rounds; round++) {
      const tag = `redirected-${megabytes}-${round}`
      const digest = upstream.put(tag, megabytes * MB)
      // The cache knows the image, as from the manifest that its client has just had.
      const headers = await ways[0].authorize()
      const manifest = `${sluice.url}/v2/${repository}/manifests/${tag}`
      const accept = { ...headers, accept: OCI_MANIFEST }
      await expectStatus(200, 'GET', manifest, { headers: accept })
      for (const [at, way] of rotated([...ways.entries()], round + 1)) {
        const blob = `${way.url}/v2/${way.repository}/blobs/${digest}`
        const { first, whole } = await curlTimes(blob, megabytes * MB, await way.authorize())
        if (round < 0) continue
        times[at]!.first.push(first)
        times[at]!.whole.push(whole)
      }
      upstream.clear()
    }
    const kinds = [
      ['the whole', 'whole'],
      ['first byte of the layer', 'first'],
    ] as const
    for (const [what, pick] of kinds) {
      const [ours = 0, direct = 0] = times.map((each) => median(each[pick]))
      rows.push([
        `${megabytes} MB: ${what}`,
        `${figure(ours * 1000)} ms`,
        `${figure(direct * 1000)} ms`,
        ratio(ours, direct),
      ])
    }
  }
  return {
    title: `Pull-through, cold, by redirect to the upstream's store${special}`,
    head: ['', 'Sluice', 'the upstream itself', 'ratio'],
    rows,
    notes: [
      `the layer alone, by curl over TLS; median of ${rounds} images each; Sluice brings each for itself meanwhile, on the same cores`,
      'wanted: 1.05x the upstream',
    ],
  }
}
