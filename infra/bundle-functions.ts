import { join } from 'node:path'
import { BUNDLE_OPTIONS } from './bundle-options.ts'
import { runEsbuild } from './run-esbuild.ts'

export const DOORS = ['api', 'fill', 'sweep', 'exporter'] as const

export type Door = (typeof DOORS)[number]

/** Each Lambda door as one file: `index.mjs`, alone in the folder that stands for the door. */
export function bundleFunctions(root: string, work: string): Readonly<Record<Door, string>> {
  const outdir = join(work, 'artifacts', 'doors')
  const entries = DOORS.map((door) => `${door}/index=packages/functions/src/${door}.ts`)
  const aliases = Object.entries(BUNDLE_OPTIONS.alias).map(([from, to]) => `--alias:${from}=${to}`)
  runEsbuild(root, entries, outdir, ['--out-extension:.js=.mjs', ...aliases])
  return Object.fromEntries(DOORS.map((door) => [door, join(outdir, door)])) as Record<Door, string>
}
