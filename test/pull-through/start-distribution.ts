import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from '../bench/peers/server-process.ts'
import { freePort } from '../free-port.ts'
import { requireTools, toolPath } from '../tools/require-tools.ts'

export interface RunningDistribution {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  readonly pid: number
  readonly dataDir: string
  /** Ends it and removes its data. */
  close(): Promise<void>
}

/** The only user of one that wants a login. */
export const DISTRIBUTION_LOGIN = { user: 'robot', password: 'pass:word' }
/** The same, hashed by bcrypt, in a few rounds. */
const HTPASSWD = 'robot:$2b$04$abcdefghijklmnopqrstuu7govE5p0NSk1WUEk5C2Qm3hpPC6VJ66\n'

/** The registry that most upstreams run (`registry`, test/tools/tools.ts), empty; anybody's, or by Basic; or a cache of another. */
export async function startDistribution(
  options: {
    readonly login?: boolean
    readonly proxyOf?: string
    /** Who is told of what is done in it. */
    readonly notifies?: string
  } = {},
): Promise<RunningDistribution> {
  await requireTools(['registry'])
  const directory = mkdtempSync(join(tmpdir(), 'sluice-distribution-'))
  const port = await freePort()
  const dataDir = join(directory, 'data')
  const passwords = join(directory, 'htpasswd')
  writeFileSync(passwords, HTPASSWD)
  const config = {
    version: '0.1',
    storage: {
      cache: { blobdescriptor: 'inmemory' },
      filesystem: { rootdirectory: dataDir },
      delete: { enabled: true },
    },
    http: { addr: `127.0.0.1:${port}` },
    ...(options.notifies !== undefined && { notifications: notificationsTo(options.notifies) }),
    ...(options.proxyOf !== undefined && { proxy: { remoteurl: options.proxyOf } }),
    ...(options.login && { auth: { htpasswd: { realm: 'distribution', path: passwords } } }),
  }
  const configFile = join(directory, 'config.yml')
  // JSON is YAML.
  writeFileSync(configFile, JSON.stringify(config))
  const server = await startServer({
    file: toolPath('registry'),
    args: ['serve', configFile],
    env: { OTEL_TRACES_EXPORTER: 'none' },
    logFile: join(directory, 'log'),
    urlFrom: () => `http://127.0.0.1:${port}`,
  })
  return {
    url: server.url,
    pid: server.pid,
    dataDir,
    async close() {
      await server.stop()
      rmSync(directory, { recursive: true })
    },
  }
}

const notificationsTo = (url: string) => ({
  endpoints: [{ name: 'receiver', url, timeout: '5s', threshold: 3, backoff: '1s' }],
})
