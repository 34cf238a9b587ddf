/** A layer of 1 GB through the upload door against the same bytes written straight to S3, and what the door holds meanwhile. */
import type { EngineUrls } from '../../cloud/engines/engine-clients.ts'
import { startUploadDoor } from '../../cloud/start-upload-door.ts'
import { requireSpace } from '../disk-space.ts'
import { Keystream } from '../keystream.ts'
import { median } from '../median.ts'
import { forgetPeak, peakMemory, residentMemory } from '../process-memory.ts'
import { figure, ratio, type Table } from '../report.ts'
import { rotated } from '../rotated.ts'
import { runProgram } from '../run-program.ts'
import type { Bench } from '../start-peers.ts'
import { streamIn } from '../stream-layer.ts'
import { REPOSITORY, type FilledStage } from './filled-stage.ts'
import { SdkUpload } from './sdk-upload.ts'

interface Way {
  readonly name: string
  readonly seconds: number[]
  readonly write: (bytes: number) => Promise<unknown>
}

/** Whoever pushes names what was sent by its digest; who writes straight does as much. */
const straight =
  (client: SdkUpload) =>
  async (size: number): Promise<void> => {
    const content = new Keystream(size)
    await client.write('straight', content.stream, size)
    content.digest()
  }

export async function uploadDoor(
  bench: Bench,
  urls: EngineUrls,
  stage: FilledStage,
): Promise<Table[]> {
  const [rounds, bytes] = bench.quick ? [1, 100e6] : [3, 1e9]
  requireSpace(bench.dir, bytes * 3)
  const door = await startUploadDoor(stage.environment)
  const bucket = stage.environment['SLUICE_BUCKET'] ?? ''
  const [tuned, plain] = [true, false].map((each) => new SdkUpload(urls.s3, bucket, each))
  if (!tuned || !plain) throw new Error('no client of S3')
  let peak = 0
  const through = async (size: number): Promise<void> => {
    forgetPeak(door.pid)
    await streamIn({ url: door.url, authorize: () => stage.headers() }, REPOSITORY, size)
    peak = Math.max(peak, peakMemory(door.pid))
  }
  const ways: readonly [Way, ...Way[]] = [
    { name: 'through the upload door', seconds: [], write: through },
    { name: "straight to S3, the store's settings", seconds: [], write: straight(tuned) },
    { name: "straight to S3, the SDK's own settings", seconds: [], write: straight(plain) },
  ]
  try {
    for (let round = -1; round < rounds; round++) {
      for (const way of rotated(ways, round + 1)) {
        await runProgram('sync', [], 120)
        await stage.headers()
        const began = performance.now()
        await way.write(round < 0 ? bytes / 10 : bytes)
        const seconds = (performance.now() - began) / 1000
        await tuned.empty()
        if (round < 0) continue
        way.seconds.push(seconds)
        bench.say(`${way.name}: ${seconds.toFixed(2)} s`)
      }
    }
    return tables(ways, bytes, rounds, [residentMemory(door.pid), peak])
  } finally {
    for (const client of [tuned, plain]) client.close()
    await door.close()
  }
}

function tables(
  ways: readonly [Way, ...Way[]],
  bytes: number,
  rounds: number,
  [resident, peak]: readonly [number, number],
): Table[] {
  const speed = ({ seconds }: Way): number => bytes / 1e6 / median(seconds)
  const megabytes = figure(bytes / 1e6)
  return [
    {
      title: `A layer of ${megabytes} MB into S3`,
      head: ['', 'MB/s', 'the door against it'],
      rows: ways.map((way, at) => [
        way.name,
        figure(speed(way)),
        at === 0 ? '' : ratio(speed(ways[0]), speed(way)),
      ]),
      notes: [
        `POST, PATCH with the whole layer, PUT with an empty body, against a multipart upload with parts of the same size, as many at once; median of ${rounds}, in turns, after \`sync\`; every byte new, made and hashed by the writer, on the cores that the door and S3 (versitygw) share with it`,
        'wanted: 0.8x',
      ],
    },
    {
      title: `Memory of the upload door while ${megabytes} MB pass through, MB`,
      head: ['most', 'after'],
      rows: [[figure(peak), figure(resident)]],
      notes: ['VmHWM and VmRSS', 'wanted: less than 256 MB'],
    },
  ]
}
