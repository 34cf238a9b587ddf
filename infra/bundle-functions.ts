import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { BUNDLE_OPTIONS } from './bundle-options.ts'
import { runEsbuild } from './run-esbuild.ts'

export const DOORS = ['api', 'fill', 'sweep', 'exporter'] as const

export type Door = (typeof DOORS)[number]

/** Each Lambda door in a folder of its own: `index.mjs`, and what it loads late. */
export function bundleFunctions(root: string, work: string): Readonly<Record<Door, string>> {
  const outdir = join(work, 'artifacts', 'doors')
  const aliases = Object.entries(BUNDLE_OPTIONS.alias).map(([from, to]) => `--alias:${from}=${to}`)
  const more = ['--splitting', '--out-extension:.js=.mjs', ...aliases]
  const folders = DOORS.map((door) => {
    const folder = join(outdir, door)
    // The names of late files follow their content: those of another build must not be deployed.
    rmSync(folder, { recursive: true, force: true })
    runEsbuild(root, [`index=packages/functions/src/${door}.ts`], folder, more)
    return [door, folder] as const
  })
  return Object.fromEntries(folders) as Record<Door, string>
}
