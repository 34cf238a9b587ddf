/** Ours, as `npm start` runs it: its own log at its own level, and every request with a Bearer token. */
import { mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { runProgram } from '../run-program.ts'
import { bearerToken } from './bearer-token.ts'
import { freePort } from '../../free-port.ts'
import type { Peer, RunningPeer } from './peer.ts'
import { startServer } from './server-process.ts'
import { START_ARGUMENTS } from '../../start-arguments.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
export const PASSWORD = 'password'

/** `env`: more settings. */
export async function sluicePeer(env: Readonly<Record<string, string>> = {}): Promise<Peer> {
  const { version }: { version: string } = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  )
  const commit = await runProgram('git', ['-C', ROOT, 'rev-parse', '--short', 'HEAD'], 10).catch(
    () => '',
  )
  const peer: Peer = {
    id: 'sluice',
    name: 'Sluice',
    version: `Sluice ${version}${commit && ` (commit ${commit.trim()})`}`,
    tagsPerPut: 10,
    async start(dir): Promise<RunningPeer> {
      mkdirSync(dir, { recursive: true })
      const server = await startServer({
        file: process.execPath,
        args: START_ARGUMENTS,
        env: {
          SLUICE_PORT: String(await freePort()),
          SLUICE_DATA_DIR: join(dir, 'data'),
          SLUICE_ADMIN_PASSWORD: PASSWORD,
          ...env,
        },
        logFile: join(dir, 'log'),
        urlFrom: (log) => /listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(log)?.[1],
      })
      return {
        peer,
        ...server,
        authorize: async (...scopes) => ({
          authorization: `Bearer ${await bearerToken(server.url, PASSWORD, scopes)}`,
        }),
      }
    },
  }
  return peer
}
