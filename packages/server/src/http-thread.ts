/** One more thread that serves (http-threads.ts): everything of its own but the writer and the logins. Wiring only. */
import { IdentityOverPort } from '@sluice/adapters/identity/identity-over-port'
import { FileBlobStore } from '@sluice/adapters/local/file-blob-store'
import { JoinedMeter } from '@sluice/adapters/metrics/joined-meter'
import { Meter } from '@sluice/adapters/metrics/meter'
import { SqliteTable } from '@sluice/adapters/local/sqlite-table'
import type { CircuitTold } from '@sluice/core/services/circuit'
import { openTracing } from '@sluice/adapters/tracing/open-tracing'
import { createRegistry } from '@sluice/core/registry'
import { RequestMeter } from '@sluice/http/request-meter'
import { parentPort, workerData } from 'node:worker_threads'
import type { ThreadData, ThreadOrder } from './http-threads.ts'
import { coarseClock } from './coarse-clock.ts'
import { listen } from './listen.ts'
import { createLocalApp } from './local-app.ts'
import { localOperations } from './local-operations.ts'
import { KeptLog } from '@sluice/adapters/log/kept-log'
import { LineLog } from '@sluice/adapters/log/line-log'
import { openRegistryKeys } from './registry-keys.ts'
import { servingPorts } from './serving-ports.ts'

const data = workerData as ThreadData
const clock = { now: () => Date.now() }
const log = new LineLog(data.log)
log.keepIn(new KeptLog(data.kept))
const table = SqliteTable.openJoined(data.table)
const store = new FileBlobStore(data.directory.path)
const meter = new Meter(coarseClock())
const whole = new JoinedMeter(data.meter, meter)
const operations = localOperations(table, data.directory, clock, data.metrics)
// The first thread tells of what fails.
operations.health.watch(() => undefined)
const told: CircuitTold = (upstream, failure) =>
  operations.parts.tell('upstreams', upstream, failure)
const tracer = await openTracing(process.env, () => undefined)
const settings = { ...data, dataDir: data.directory.path }
const serving = servingPorts(settings, { table, clock, log, meter, tracer, told })
const registry = createRegistry({ table, store, clock, ...serving }, data.policy)
const app = createLocalApp({
  registry,
  table,
  passwords: new IdentityOverPort(data.identities),
  issuers: data.issuers,
  ring: await openRegistryKeys(data.directory.keysFile, clock, log),
  publicUrl: data.publicUrl === undefined ? undefined : new URL(data.publicUrl),
  clock,
  operations,
  log,
  tracer,
  metrics: data.metrics
    ? { expose: (wish) => whole.expose(wish), secret: data.metricsSecret }
    : undefined,
})
const tls = data.tls && { cert: Buffer.from(data.tls.cert), key: Buffer.from(data.tls.key) }
const door = await listen(app, {
  ...data.listen,
  tls,
  log,
  ...(data.metrics && { meter: new RequestMeter(meter) }),
  shared: 'further',
})

parentPort?.once('message', ({ graceMs }: ThreadOrder) => {
  operations.logs.close()
  void door
    .close(graceMs)
    .then(() => registry.fills.settled())
    .then(() => tracer?.close())
    .then(() => table.close())
    .then(() => process.exit(0))
})
parentPort?.postMessage('listening')
