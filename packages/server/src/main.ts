/** `npm start`: the registry as one process. Wiring only. */
// Imported for what it sets, before anything uses the pool.
// oxlint-disable-next-line import/no-unassigned-import
import './thread-pool.ts'
import {
  AdminIdentityProvider,
  ADMIN_USER,
} from '@sluice/adapters/identity/admin-identity-provider'
import { ensureAdminRecord, type AdminRecord } from '@sluice/adapters/identity/admin-record'
import type { Clock } from '@sluice/core/ports/clock'
import type { Log } from '@sluice/core/ports/log'
import { RequestMeter } from '@sluice/http/request-meter'
import { isRefusal } from '@sluice/core/ports/identity-provider'
import type { CircuitTold } from '@sluice/core/services/circuit'
import { openTracing } from '@sluice/adapters/tracing/open-tracing'
import { parseProjectName } from '@sluice/core/repository-name'
import { applyUpstreams } from './apply-upstreams.ts'
import { isLoopback } from './is-loopback.ts'
import { countEvents, deliverEvents } from './local-events.ts'
import { localOperations } from './local-operations.ts'
import { readUpstreamsConfiguration } from './read-upstreams-configuration.ts'
import { readAuthenticationConfiguration } from './read-authentication-configuration.ts'
import { readCommandLine, type Config } from './config.ts'
import { adminNotice, greeting, type AdminStart } from './greeting.ts'
import { startHttpThreads } from './http-threads.ts'
import { listen } from './listen.ts'
import { createLocalApp } from './local-app.ts'
import { openLocalRegistry } from './local-registry.ts'
import { KeptLog } from '@sluice/adapters/log/kept-log'
import { LineLog } from '@sluice/adapters/log/line-log'
import { logHealth } from './log-health.ts'
import { logStart } from './log-start.ts'
import { openMeter } from './open-meter.ts'
import { openRegistryKeys } from './registry-keys.ts'
import { servingPorts } from './serving-ports.ts'
import { failStart } from './start-failure.ts'
import { stopSignal } from './stop-signal.ts'
import { sweepRegularly } from './sweep-regularly.ts'
import { readTlsFiles } from './tls-files.ts'

const COMMAND = { name: 'npm start --', purpose: 'serves the registry' }

/** For requests that are under way when the server is asked to end. */
const DRAIN_MS = 30_000

/** For the piece of sweeping and the writes that are under way then. */
const LAST_WORK_MS = 10_000

const clock: Clock = { now: () => Date.now() }

async function serve(config: Config): Promise<void> {
  const log = new LineLog({ level: config.logLevel, format: config.logFormat })
  const tls = await readTlsFiles(config.tlsCert, config.tlsKey)
  if (tls !== undefined && tls.expiresAt.getTime() < clock.now()) {
    log.warn('the certificate has expired', { at: tls.expiresAt.toISOString() })
  }
  const drafts = await readUpstreamsConfiguration(config.upstreamsConfig)
  const whole = openMeter()
  const { meter } = whole
  const told: CircuitTold = (upstream, failure) =>
    operations.parts.tell('upstreams', upstream, failure)
  const tracer = await openTracing(process.env, (problem) => log.warn(problem))
  const local = await openLocalRegistry(config, clock, (table) =>
    servingPorts(config, { table, clock, log, meter, tracer, told }),
  )
  const { registry } = local
  countEvents(whole, local.table, clock)
  const { path, tableFile, keysFile, logFile } = local.directory
  const directory = { path, tableFile, keysFile, logFile }
  const kept = new KeptLog({ path: logFile })
  log.keepIn(kept)
  const operations = localOperations(local.table, directory, clock, config.metrics, meter)
  operations.health.watch((result) => logHealth(log, result))
  await operations.parts.started('server')
  const ring = await openRegistryKeys(keysFile, clock, log)
  const { adminPassword } = config
  const choosePassword = adminPassword === undefined ? undefined : () => adminPassword
  const admin = await ensureAdminRecord(local.table, clock, choosePassword)
  const adminStart = howSet(admin, config)
  process.stdout.write(adminNotice(adminStart))
  await registry.projects.create(parseProjectName('default'))
  await applyUpstreams(registry, drafts, isLoopback(config.address))
  const identities = new AdminIdentityProvider(admin.hash, clock)
  await presentPassword(identities, admin.password ?? adminPassword, log)

  const { publicUrl } = config
  const issuers = await readAuthenticationConfiguration(config.authenticationConfig)
  const app = createLocalApp({
    registry,
    table: local.table,
    passwords: identities,
    issuers,
    ring,
    publicUrl,
    clock,
    operations,
    log,
    tracer,
    metrics: config.metrics
      ? { expose: (wish) => whole.expose(wish), secret: config.metricsSecret }
      : undefined,
  })
  const shared = config.threads > 1 ? 'first' : undefined
  const access = config.accessLog
  const door = await listen(app, {
    address: config.address,
    port: config.port,
    tls,
    log,
    access,
    ...(config.metrics && { meter: new RequestMeter(meter) }),
    shared,
  })
  const threads = await startHttpThreads(config.threads - 1, local.table, identities, whole, {
    directory,
    rootUpstream: config.rootUpstream,
    issuers,
    policy: local.policy,
    publicUrl: publicUrl?.href,
    listen: { address: config.address, port: door.port, access },
    tls: tls && { cert: tls.cert, key: tls.key },
    log: { level: config.logLevel, format: config.logFormat },
    kept: { path: logFile, state: kept.state },
    audit: config.audit,
    metrics: config.metrics,
    metricsSecret: config.metricsSecret,
  })
  const courier = deliverEvents(registry, local.table, clock, log)
  logStart(log, door, config.publicUrl?.host)
  const stopSweeping = sweepRegularly(registry, config.sweepInterval * 1000, log, operations.parts)
  const reads = { upstreams: await registry.upstreams.names(), root: config.rootUpstream }
  process.stdout.write(greeting(door.url, config.publicUrl, adminStart, reads))

  const signal = await stopSignal()
  log.info('shutting down image registry server', { signal })
  operations.logs.close()
  // Whatever hangs then (a disk that does not answer) must not keep the process from ending.
  setTimeout(() => process.exit(1), DRAIN_MS + LAST_WORK_MS).unref()
  // An event of a request that ends later waits for the next start.
  await Promise.all([
    door.close(DRAIN_MS),
    threads.close(DRAIN_MS),
    stopSweeping(),
    courier.close(),
  ])
  await registry.fills.settled()
  await tracer?.close()
  await local.close()
  log.info('server shutdown, bye.')
  process.exit(0)
}

/** A password known at the start is remembered from the start: nothing then keeps its owner out (see the provider). */
async function presentPassword(
  identities: AdminIdentityProvider,
  password: string | undefined,
  log: Log,
): Promise<void> {
  if (password === undefined) return
  const answer = await identities.identify({ username: ADMIN_USER, password, from: 'start' })
  if (!isRefusal(answer)) return
  log.warn('SLUICE_ADMIN_PASSWORD is not the password: it is read at the first start only')
}

function howSet(admin: AdminRecord, config: Config): AdminStart {
  if (admin.password === undefined) return 'set before'
  return config.adminPassword === undefined ? { generated: admin.password } : 'from environment'
}

// Whoever reads the greeting may stop before the server does (`npm start | head -1`).
process.stdout.on('error', () => undefined)

try {
  const { config, help } = readCommandLine(COMMAND, process.argv.slice(2), process.env)
  if (help === undefined) await serve(config)
  else process.stdout.write(help)
} catch (error) {
  failStart(error)
}
