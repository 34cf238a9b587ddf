/** A layer of 1 GB through the upload door against the same bytes written straight to S3, and what the door holds meanwhile. */
import { join } from 'node:path'
import { NODE_OPTIONS } from '../../../infra/node-options.ts'
import type { EngineUrls } from '../../cloud/engines/engine-clients.ts'
import { startUploadDoor } from '../../cloud/start-upload-door.ts'
import { requireSpace } from '../disk-space.ts'
import { median } from '../median.ts'
import { forgetPeak, peakMemory, residentMemory } from '../process-memory.ts'
import { figure, ratio, type Table } from '../report.ts'
import { rotated } from '../rotated.ts'
import { runProgram } from '../run-program.ts'
import type { Bench } from '../start-peers.ts'
import { cpuTimeOf } from './cpu-time-of.ts'
import type { FilledStage } from './filled-stage.ts'
import { SdkUpload } from './sdk-upload.ts'

const WRITER = join(import.meta.dirname, 'write-layer.ts')
const SECONDS = 300

const WAYS = {
  door: 'through the upload door',
  store: "straight to S3, the store's settings",
  sdk: "straight to S3, the SDK's own settings",
} as const

type Way = keyof typeof WAYS
const NAMES = Object.keys(WAYS) as Way[]

export async function uploadDoor(
  bench: Bench,
  urls: EngineUrls,
  stage: FilledStage,
): Promise<Table[]> {
  const [rounds, bytes] = bench.quick ? [1, 100e6] : [3, 1e9]
  requireSpace(bench.dir, bytes * 3)
  const bucket = stage.environment['SLUICE_BUCKET'] ?? ''
  const objects = new SdkUpload(urls.s3, bucket, true)
  const door = await startUploadDoor(stage.environment)
  const seconds: Record<Way, number[]> = { door: [], store: [], sdk: [] }
  const spent: number[] = []
  let peak = 0
  const write = async (way: Way, size: number): Promise<number> => {
    const { authorization = '' } = await stage.headers()
    const to = way === 'door' ? [door.url, authorization] : [urls.s3, bucket]
    // As the doors have them: without, V8's threads in the writer would take the cores from the others.
    const args = [...NODE_OPTIONS.split(' '), WRITER, String(size), way, ...to]
    forgetPeak(door.pid)
    const before = cpuTimeOf(door.pid)
    const took = Number(await runProgram(process.execPath, args, SECONDS))
    peak = Math.max(peak, peakMemory(door.pid))
    if (way === 'door') spent.push((cpuTimeOf(door.pid) - before) / 1000)
    await objects.empty()
    await runProgram('sync', [], 120)
    return took
  }
  try {
    for (const way of NAMES) await write(way, bytes / 10)
    for (let round = 0; round < rounds; round++) {
      for (const way of rotated(NAMES, round)) {
        seconds[way].push(await write(way, bytes))
        bench.say(`${WAYS[way]}: ${seconds[way].at(-1)?.toFixed(2)} s`)
      }
    }
    return [
      speeds(seconds, bytes, rounds),
      costs(bytes, [peak, residentMemory(door.pid), median(spent.slice(1))]),
    ]
  } finally {
    objects.close()
    await door.close()
  }
}

function speeds(seconds: Record<Way, number[]>, bytes: number, rounds: number): Table {
  const speed = (way: Way): number => bytes / 1e6 / median(seconds[way])
  return {
    title: `A layer of ${figure(bytes / 1e6)} MB into S3`,
    head: ['', 'MB/s', 'the door against it'],
    rows: NAMES.map((way) => [
      WAYS[way],
      figure(speed(way)),
      way === 'door' ? '' : ratio(speed('door'), speed(way)),
    ]),
    notes: [
      `POST, PATCH with the whole layer, PUT with an empty body, against a multipart upload with parts of the same size, as many at once; median of ${rounds}, in turns, after \`sync\`; every byte new, made and hashed by the writer, a process of its own on the cores that the door and S3 (versitygw) share with it`,
      "wanted: 0.8x of the writer with the store's settings, the faster one",
    ],
  }
}

function costs(bytes: number, figures: readonly number[]): Table {
  return {
    title: `The upload door while ${figure(bytes / 1e6)} MB pass through`,
    head: ['memory at most, MB', 'after', 'its processor time, s'],
    rows: [figures.map(figure)],
    notes: ['VmHWM and VmRSS', 'wanted: less than 256 MB'],
  }
}
