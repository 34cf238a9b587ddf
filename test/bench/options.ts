/** What the command line of `npm run bench` may say. */
import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'

export const PARTS = [
  'manifests',
  'metrics',
  'layers',
  'memory',
  'pull-through',
  'scale',
  'rights',
  'tokens',
  'cloud',
] as const
export type Part = (typeof PARTS)[number]

export const USAGE = `npm run bench -- [--only <part>]... [--quick] [--scale-peers] [--dir <directory>]

  --only <part>   ${PARTS.join(', ')}; may be given several times
  --quick         small sizes and few repetitions: shows that the harness works, its figures mean little
  --scale-peers   fill the peers with 100,000 tags and repositories too (many minutes more)
  --dir <path>    where the data directories of all peers go (they are removed again)`

export interface Options {
  readonly parts: readonly Part[]
  readonly quick: boolean
  readonly scalePeers: boolean
  readonly dir: string
}

const isPart = (name: string): name is Part => PARTS.some((part) => part === name)

export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true, default: [...PARTS] },
      quick: { type: 'boolean', default: false },
      'scale-peers': { type: 'boolean', default: false },
      dir: { type: 'string', default: tmpdir() },
    },
  })
  const parts = values.only.filter(isPart)
  const unknown = values.only.filter((name) => !isPart(name))
  if (unknown.length > 0) throw new Error(`no such part: ${unknown.join(', ')}`)
  return { parts, quick: values.quick, scalePeers: values['scale-peers'], dir: values.dir }
}
