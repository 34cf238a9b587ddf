/**
 * The registry as it is in the cloud, on this machine: the edge and the gateway in front, functions in the real runtime
 * client behind, the upload door beside them; DynamoDB Local, an S3 server, a queue and a parameter store below.
 */
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { freePort } from '../free-port.ts'
import { bundleFunction } from '../gateway/bundle-function.ts'
import type { GatewayRules } from '../gateway/gateway-rules.ts'
import { startGateway, type Gateway } from '../gateway/start-gateway.ts'
import {
  startFunction,
  type OnLine,
  type RunningFunction,
} from '../gateway/lambda/start-function.ts'
import type { RegistryUnderTest } from '../registry-under-test.ts'
import { applyUpstreams } from './apply-upstreams.ts'
import { createStage } from './engines/create-stage.ts'
import type { EngineUrls } from './engines/engine-clients.ts'
import { startEngines } from './engines/start-engines.ts'
import { handOnLines } from './hand-on-lines.ts'
import { startFills } from './start-fills.ts'
import { startUploadDoor } from './start-upload-door.ts'

const USER = 'kubeadmin'
const EXPORTER = fileURLToPath(import.meta.resolve('@sluice/functions/exporter'))
const API = fileURLToPath(import.meta.resolve('@sluice/functions/api'))

export interface CloudOptions {
  readonly address?: string
  /** Any that is free, unless told otherwise. */
  readonly port?: number
  readonly publicUrl?: string
  /** Engines that run already; without them, some that come and go with this registry. */
  readonly engines?: EngineUrls
  /** Where engines of its own keep what they hold; without it, in memory and in temporary directories. */
  readonly directories?: { readonly dynamodb: string; readonly s3: string }
  /** A stage of the same name on the same engines is the same registry. */
  readonly stage?: string
  readonly password?: string
  /** Without one, uploads go through the function like all else. */
  readonly uploadDoor?: boolean
  readonly rules?: Partial<GatewayRules>
  /** Environments that bring blobs from upstreams, at once. */
  readonly fills?: number
  /** Objects of the API; their secrets by their names. */
  readonly upstreams?: readonly unknown[]
  readonly secrets?: Readonly<Record<string, string>>
  /** Seconds after which a job comes again that nobody has ended; a deployment's without it. */
  readonly jobsHidden?: number
  /** Told each line that the api and fill functions write, with the names of their door and environment. */
  readonly onLine?: (door: 'api' | 'fill', line: string, stream: string) => void
  /** Has the exporter told of what the doors write, as a subscription does. */
  readonly metered?: boolean
  /** Of all doors. */
  readonly environment?: Readonly<Record<string, string>>
}

export interface RunningCloud extends RegistryUnderTest {
  readonly gateway: Gateway
  readonly fills: RunningFunction
  readonly exporter: RunningFunction
  /** What the doors were given. */
  readonly environment: Readonly<Record<string, string>>
  readonly uploadDoorPid: number | undefined
}

export async function startCloud(options: CloudOptions = {}): Promise<RunningCloud> {
  const { address = '127.0.0.1', uploadDoor = true, fills = 2, jobsHidden, secrets } = options
  const opened: (() => Promise<void>)[] = []
  const stop = async (): Promise<void> => {
    for (const close of opened.splice(0).toReversed()) await close()
  }
  try {
    let urls = options.engines
    if (!urls) {
      const engines = await startEngines(options.directories)
      opened.push(() => engines.close())
      urls = engines.urls
    }
    const port = options.port || (await freePort())
    const url = `http://${address}:${port}`
    const name = options.stage ?? `sluice-${randomBytes(6).toString('hex')}`
    const password = options.password ?? randomBytes(12).toString('hex')
    const publicUrl = options.publicUrl ?? url
    const environment = {
      ...(await createStage({
        urls,
        name,
        password,
        ...(secrets && { secrets }),
        ...(jobsHidden && { jobsHidden }),
      })),
      SLUICE_PUBLIC_URL: publicUrl,
      SLUICE_ORIGIN_SECRET: randomBytes(16).toString('hex'),
      ...options.environment,
    }
    if (options.upstreams) await applyUpstreams(environment, options.upstreams)
    const door = uploadDoor ? await startUploadDoor(environment) : undefined
    if (door) opened.push(() => door.close())
    const exporterBundle = await bundleFunction(EXPORTER)
    opened.push(() => exporterBundle.remove())
    const exporter = await startFunction({ file: exporterBundle.file, env: environment })
    opened.push(() => exporter.close())
    const { onLine, metered = false } = options
    const handed = metered
      ? handOnLines(
          exporter,
          tailOf(() => door?.log() ?? ''),
        )
      : undefined
    if (handed) opened.push(() => handed.stop())
    const linesOf =
      (name: 'api' | 'fill'): OnLine =>
      (line, stream) => {
        onLine?.(name, line, stream)
        handed?.write(line)
      }
    const fill = await startFills(environment, fills, linesOf('fill'))
    opened.push(() => fill.close())
    const bundle = await bundleFunction(API)
    opened.push(() => bundle.remove())
    const gateway = await startGateway({
      file: bundle.file,
      exporter,
      onLine: linesOf('api'),
      env: environment,
      address,
      port,
      ...(door && { uploadDoorUrl: door.url }),
      challenge: { realm: `${publicUrl}/token`, service: 'sluice' },
      rules: { forwardedProto: 'http', ...options.rules },
    })
    opened.push(() => gateway.close())
    return {
      url,
      host: new URL(url).host,
      user: USER,
      password,
      gateway,
      fills: fill,
      exporter,
      environment,
      uploadDoorPid: door?.pid,
      log: () => `${gateway.log()}\n${fill.log()}\n${door?.log() ?? ''}`,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Whole lines that a log has got since the last time. */
function tailOf(log: () => string): () => readonly string[] {
  let read = 0
  return () => {
    const text = log()
    const end = text.lastIndexOf('\n') + 1
    const lines = text.slice(read, end).split('\n')
    read = end
    return lines
  }
}
