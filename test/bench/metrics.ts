/** What it costs to measure and to log: each request, side by side with a server that does not, and a scrape of very many series. */
import { expose } from '@sluice/adapters/metrics/expose'
import { Meter } from '@sluice/adapters/metrics/meter'
import { SLOT_MS, SLOTS } from '@sluice/adapters/metrics/readings'
import { requireTools } from '../tools/require-tools.ts'
import { IMAGE_MANIFEST, randomImage } from './image.ts'
import { cpuTime } from '../cpu-time.ts'
import { median, quantile } from './median.ts'
import type { RunningPeer } from './peers/peer.ts'
import { sluicePeer } from './peers/sluice-peer.ts'
import { processorTime } from './processor-time.ts'
import { pushImage, scopeOf } from './push-image.ts'
import { figure, ratio, type Table } from './report.ts'
import { rotated } from './rotated.ts'
import { stopAll, type Bench } from './start-peers.ts'
import { wrk, type Load } from './wrk.ts'

const REPOSITORY = 'default/bench'
const TAG = 'latest'

interface Setting {
  readonly metrics: 'on' | 'off'
  readonly log: 'on' | 'off'
}

const NEITHER: Setting = { metrics: 'off', log: 'off' }
const SETTINGS: readonly Setting[] = [
  NEITHER,
  { metrics: 'on', log: 'off' },
  { metrics: 'off', log: 'on' },
  { metrics: 'on', log: 'on' },
]

const OPERATIONS = 900
const COUNTERS = 500
const VALUES = 2000

export async function metrics(bench: Bench): Promise<Table[]> {
  return [await overhead(bench), await scraping(bench)]
}

async function overhead({ dir, quick, say }: Bench): Promise<Table> {
  await requireTools(['wrk'])
  const [rounds, seconds, warmUp] = quick ? [2, 2, 1] : [8, 5, 3]
  const servers: { readonly setting: Setting; readonly server: RunningPeer }[] = []
  const loads = new Map<Setting, (Load & { readonly cpu: number })[]>()
  try {
    const image = randomImage(5, 4096)
    for (const setting of SETTINGS) {
      const { metrics, log } = setting
      const peer = await sluicePeer({ SLUICE_METRICS: metrics, SLUICE_ACCESS_LOG: log })
      const server = await peer.start(`${dir}/metrics-${metrics}-log-${log}`)
      servers.push({ setting, server })
      await pushImage(server, REPOSITORY, TAG, image, await server.authorize(scopeOf(REPOSITORY)))
    }
    for (let round = -1; round < rounds; round++) {
      for (const { setting, server } of rotated(servers, round + 1)) {
        const granted = await server.authorize(`repository:${REPOSITORY}:pull`)
        const url = `${server.url}/v2/${REPOSITORY}/manifests/${TAG}`
        const headers = { ...granted, accept: IMAGE_MANIFEST }
        const before = processorTime(server.pid)
        const length = round < 0 ? warmUp : seconds
        const load = await wrk(url, headers, length)
        const cpu = (processorTime(server.pid) - before) / (load.perSecond * length)
        if (load.errors > 0) throw new Error(`${load.errors} errors`)
        say(
          `metrics ${setting.metrics}, log ${setting.log}: ${figure(load.perSecond)}/s, ${figure(cpu)} µs each`,
        )
        if (round >= 0) loads.set(setting, [...(loads.get(setting) ?? []), { ...load, cpu }])
      }
    }
  } finally {
    await stopAll(servers.map(({ server }) => server))
  }
  const of = (setting: Setting, pick: keyof Load | 'cpu'): number =>
    median((loads.get(setting) ?? []).map((load) => load[pick]))
  return {
    title: 'Manifest GET by tag, 32 connections, with and without metrics and lines of log',
    head: ['metrics', 'log', 'requests/s', 'ratio', 'p99 ms', 'processor µs a request', 'ratio'],
    rows: SETTINGS.map((setting) => [
      setting.metrics,
      setting.log,
      figure(of(setting, 'perSecond')),
      ratio(of(setting, 'perSecond'), of(NEITHER, 'perSecond')),
      figure(of(setting, 'p99')),
      figure(of(setting, 'cpu')),
      ratio(of(setting, 'cpu'), of(NEITHER, 'cpu')),
    ]),
    notes: [
      `\`wrk -t1 -c32 -d${seconds}s\`, median of ${rounds} runs, interleaved; the log of each request is two lines, each in a file and in the kept log`,
      'wanted: less than 5% of the requests per second',
    ],
  }
}

/** As after a day of many projects and upstreams: all summaries have values in each of their slots. */
async function scraping({ quick }: Bench): Promise<Table> {
  const clock = { time: 1_000 * SLOT_MS, now: (): number => clock.time }
  const meter = new Meter(clock)
  for (let slot = 0; slot < SLOTS; slot++) {
    clock.time += SLOT_MS
    for (let at = 0; at < OPERATIONS; at++) {
      const summary = meter.summary('imageregistry_pullthrough_repository_duration_seconds', {
        operation: 'ManifestService.Get',
        registry: `registry-${at}.example`,
      })
      for (let count = 0; count < VALUES; count++) summary.observe(Math.random() ** 4)
    }
  }
  for (let at = 0; at < COUNTERS; at++) {
    meter.counter('sluice_pulls_total', { project: `project-${at}` }).add(at)
  }
  const times: number[] = []
  const cpu: number[] = []
  let bytes = 0
  for (let round = 0; round < (quick ? 5 : 50); round++) {
    const began = performance.now()
    cpu.push(
      await cpuTime(async () => {
        const { body } = await expose(meter, { acceptEncoding: 'gzip' })
        bytes = body.length
      }),
    )
    times.push(performance.now() - began)
  }
  const series = OPERATIONS * 5 + COUNTERS
  return {
    title: `A scrape of ${figure(series)} series`,
    head: ['median ms', 'p90 ms', 'processor ms', 'bytes, gzipped'],
    rows: [
      [figure(median(times)), figure(quantile(times, 0.9)), figure(median(cpu)), figure(bytes)],
    ],
    notes: [
      `${OPERATIONS} summaries of ${figure(VALUES)} values in each of ${SLOTS} slots, and ${COUNTERS} counters, written and compressed in one process`,
      'wanted: less than 50 ms',
    ],
  }
}
