/** `npm run bench`: every peer on the same machine in the same run, printed as tables of ratios. It asserts no time. */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { requireTools } from '../tools/require-tools.ts'
import { watchForeignLoad } from './foreign-load.ts'
import { cloud } from './cloud.ts'
import { layers } from './layers.ts'
import { machine } from './machine.ts'
import { manifests } from './manifests.ts'
import { metrics } from './metrics.ts'
import { memory } from './memory.ts'
import { parseOptions, USAGE, type Options, type Part } from './options.ts'
import { pullThrough } from './pull-through.ts'
import { findPeers } from './peers/find-peers.ts'
import type { Peer } from './peers/peer.ts'
import { sluicePeer } from './peers/sluice-peer.ts'
import { markdown, type Table } from './report.ts'
import { rights } from './rights.ts'
import { scale } from './scale.ts'
import { tokens } from './tokens.ts'
import type { Bench } from './start-peers.ts'

const RUN: Readonly<Record<Part, (bench: Bench) => Promise<Table[]>>> = {
  manifests,
  metrics,
  layers,
  memory,
  'pull-through': pullThrough,
  scale,
  rights,
  tokens,
  cloud,
}

/** They measure Sluice alone, or start other peers than the rest. */
const WITHOUT_PEERS: ReadonlySet<Part> = new Set([
  'cloud',
  'metrics',
  'pull-through',
  'rights',
  'tokens',
])

const say = (text: string): void => console.error(`bench: ${text}`)

/** Those that start; one that does not is named in the report and fails the run, never left out in silence. */
async function runningPeers(peers: readonly Peer[], dir: string): Promise<Peer[]> {
  const running: Peer[] = []
  for (const peer of peers) {
    try {
      await (await peer.start(join(dir, `try-${peer.id}`))).stop()
      running.push(peer)
    } catch (error) {
      say(`${peer.name} is not running: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return running
}

async function runPart(part: Part, bench: Omit<Bench, 'dir'>, parent: string): Promise<boolean> {
  const dir = mkdtempSync(join(parent, `${part}-`))
  const foreignLoad = watchForeignLoad()
  try {
    say(part)
    const tables = await RUN[part]({ ...bench, dir })
    const share = `${(foreignLoad() * 100).toFixed(0)}% of the cores' time went to other programs`
    for (const { notes, ...table } of tables) {
      console.log(markdown({ ...table, notes: [...notes, share] }))
    }
    return true
  } catch (error) {
    console.log(`### ${part}: could not be measured\n`)
    say(error instanceof Error ? (error.stack ?? error.message) : String(error))
    return false
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

async function run(options: Options): Promise<boolean> {
  const compares = options.parts.some((part) => !WITHOUT_PEERS.has(part))
  if (compares) await requireTools(['wrk'])
  const dir = mkdtempSync(join(options.dir, 'sluice-bench-'))
  process.on('exit', () => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }))
  const all = compares ? await findPeers() : [await sluicePeer()]
  const peers = await runningPeers(all, dir)
  console.log(`## Bench${options.quick ? ' (quick: these figures mean little)' : ''}\n`)
  console.log(machine(dir, peers))
  for (const peer of all) {
    if (!peers.includes(peer)) console.log(`- **${peer.name}: not running**`)
  }
  console.log()
  let whole = peers.length === all.length
  for (const part of options.parts) {
    const { quick, scalePeers } = options
    whole = (await runPart(part, { peers, quick, scalePeers, say }, dir)) && whole
  }
  return whole
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))

let options: Options
try {
  options = parseOptions(process.argv.slice(2))
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
  process.exit(1)
}
process.exit((await run(options)) ? 0 : 1)
