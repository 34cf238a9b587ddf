import { readFileSync, statfsSync } from 'node:fs'
import { availableParallelism, loadavg, release, totalmem } from 'node:os'
import type { Peer } from './peers/peer.ts'

const TMPFS = 0x01021994

function processor(): string {
  const model = /^model name\s*: (.+)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]
  return model === undefined ? '' : ` (${model})`
}

/** What a reader must know to compare the figures with another day's, as a Markdown list. */
export function machine(dir: string, peers: readonly Peer[]): string {
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`
  return [
    `- ${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} cores${processor()}, ${memory} of memory, Linux ${release()}`,
    `- Node ${process.versions.node}; ${peers.map(({ version }) => version).join(', ')}`,
    `- load average before the run: ${(loadavg()[0] ?? 0).toFixed(1)} (the cores are shared with the load generator)`,
    ...(statfsSync(dir).type === TMPFS
      ? ['- the data directories are in memory (tmpfs): fsync costs nothing here']
      : []),
  ].join('\n')
}
