import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { BUNDLE_OPTIONS } from './bundle-options.ts'
import { runEsbuild } from './run-esbuild.ts'

export const DOORS = ['api', 'fill', 'sweep', 'exporter'] as const

export type Door = (typeof DOORS)[number]

/** Each Lambda door in a folder of its own: `index.mjs`, and beside it what is loaded when it is first needed. */
export function bundleFunctions(root: string, work: string): Readonly<Record<Door, string>> {
  const folder = join(work, 'artifacts', 'doors')
  // Chunks are named for what is in them: those of former versions would stay, and be deployed.
  rmSync(folder, { recursive: true, force: true })
  const aliases = Object.entries(BUNDLE_OPTIONS.alias).map(([from, to]) => `--alias:${from}=${to}`)
  for (const door of DOORS) {
    const entry = `index=packages/functions/src/${door}.ts`
    const more = ['--splitting', '--out-extension:.js=.mjs', ...aliases]
    runEsbuild(root, [entry], join(folder, door), more)
  }
  return Object.fromEntries(DOORS.map((door) => [door, join(folder, door)])) as Record<Door, string>
}
