/**
 * `npm run start:aws`: the registry as it is in the cloud, on this machine, to be tried by hand. Reads the same settings
 * as `npm start`; records and bytes stay in the data directory, tokens do not outlive it.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readCommandLine } from '@sluice/server/config'
import { greeting } from '@sluice/server/greeting'
import { failStart } from '@sluice/server/start-failure'
import { stopSignal } from '@sluice/server/stop-signal'
import { parseAllDocuments } from 'yaml'
import { startCloud } from './start-cloud.ts'

const COMMAND = {
  name: 'npm run start:aws --',
  purpose: 'serves the registry behind an emulated gateway, on DynamoDB Local and an S3 server',
}

/** Kept, since only a hash of it is in the table; this is a stand-in on the machine of whoever tries it. */
function passwordIn(directory: string, chosen: string | undefined): string {
  const file = join(directory, 'password')
  if (existsSync(file)) return readFileSync(file, 'utf8')
  const password = chosen ?? randomBytes(12).toString('hex')
  writeFileSync(file, password, { mode: 0o600 })
  return password
}

/** As a deployment gives them to its functions. */
function upstreamsIn(file: string | undefined): readonly unknown[] {
  if (file === undefined) return []
  const objects = [...parseAllDocuments(readFileSync(file, 'utf8'))].map((one): unknown =>
    one.toJS(),
  )
  return objects.filter((object) => object !== null)
}

/** Files that `npm start` reads as well, made parameters. */
function secretsIn(directory: string): Record<string, string> {
  const names = existsSync(directory) ? readdirSync(directory) : []
  return Object.fromEntries(
    names.map((name) => [name, readFileSync(join(directory, name), 'utf8')]),
  )
}

try {
  const { config, help } = readCommandLine(COMMAND, process.argv.slice(2), process.env)
  if (help === undefined) {
    const directory = join(config.dataDir, 'aws')
    const directories = { dynamodb: join(directory, 'dynamodb'), s3: join(directory, 's3') }
    for (const one of Object.values(directories)) mkdirSync(one, { recursive: true })
    const cloud = await startCloud({
      address: config.address,
      ...(config.port > 0 && { port: config.port }),
      ...(config.publicUrl && { publicUrl: config.publicUrl.origin }),
      directories,
      stage: 'sluice-local',
      metered: true,
      password: passwordIn(directory, config.adminPassword),
      upstreams: upstreamsIn(config.upstreamsConfig),
      secrets: secretsIn(join(config.dataDir, 'secrets')),
      environment: {
        SLUICE_LOG_LEVEL: config.logLevel,
        SLUICE_LOG_FORMAT: config.logFormat,
        SLUICE_GRACE: String(config.grace),
        SLUICE_UPLOAD_IDLE: String(config.uploadIdle),
        ...(config.rootUpstream && { SLUICE_ROOT_UPSTREAM: config.rootUpstream }),
      },
    })
    process.stdout.write(greeting(cloud.url, config.publicUrl, { generated: cloud.password }))
    process.stdout.write('Ready: the emulated gateway, its functions and the upload door are up.\n')
    await stopSignal()
    await cloud.stop()
    process.exit(0)
  }
  process.stdout.write(help ?? '')
} catch (error) {
  // A piece that is not installed or does not start is a plain error, which names it.
  if (!(error instanceof Error) || error.constructor !== Error) failStart(error)
  process.stderr.write(`start:aws: ${error.message}\n`)
  process.exit(1)
}
