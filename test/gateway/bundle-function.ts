import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { build } from 'esbuild'
import { BUNDLE_OPTIONS } from '../../infra/bundle-options.ts'

const ROOT = join(import.meta.dirname, '../..')

export interface FunctionBundle {
  /** The module with the handler; what it loads late lies beside it, and nothing else, as in Lambda. */
  readonly file: string
  remove(): Promise<void>
}

/** Bundles the module as it is deployed. `entry` is an absolute path, such as that of `packages/functions/src/api.ts`. */
export async function bundleFunction(entry: string): Promise<FunctionBundle> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-function-'))
  await build({
    ...BUNDLE_OPTIONS,
    absWorkingDir: ROOT,
    entryPoints: [entry],
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    logLevel: 'silent',
  })
  const file = join(directory, `${basename(entry, '.ts')}.mjs`)
  return { file, remove: () => rm(directory, { recursive: true, force: true }) }
}
