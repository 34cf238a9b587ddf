/**
 * distribution (the `registry` of docker.io) on its filesystem driver, anonymous, with deletes. Its log and access log stay
 * as they ship. Two settings are those of its own container image rather than of the bare binary, both to its advantage:
 * blob descriptors cached in memory, and no exporter of traces (nobody would listen).
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram } from '../run-program.ts'
import { freePort } from '../../free-port.ts'
import type { Peer, PeerId, RunningPeer } from './peer.ts'
import { startServer } from './server-process.ts'

const config = (dir: string, port: number): string => `version: 0.1
storage:
  cache:
    blobdescriptor: inmemory
  filesystem:
    rootdirectory: ${JSON.stringify(dir)}
  delete:
    enabled: true
http:
  addr: 127.0.0.1:${port}
`

export async function distributionPeer(id: PeerId, file: string): Promise<Peer> {
  const version = /\s[Vv]?(\d+\.\d+\.\d+)/.exec(await runProgram(file, ['--version'], 10))?.[1]
  const name = `distribution ${version ?? 'of unknown version'}`
  const peer: Peer = {
    id,
    name,
    version: name,
    tagsPerPut: 1,
    async start(dir): Promise<RunningPeer> {
      mkdirSync(dir, { recursive: true })
      const port = await freePort()
      const configFile = join(dir, 'config.yml')
      writeFileSync(configFile, config(join(dir, 'data'), port))
      const server = await startServer({
        file,
        args: ['serve', configFile],
        env: { OTEL_TRACES_EXPORTER: 'none' },
        logFile: join(dir, 'log'),
        urlFrom: () => `http://127.0.0.1:${port}`,
      })
      return { peer, ...server, authorize: () => Promise.resolve({}) }
    },
  }
  return peer
}
