import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { build } from 'esbuild'
import { BUNDLE_OPTIONS } from '../../infra/bundle-options.ts'

const ROOT = join(import.meta.dirname, '../..')

export interface FunctionBundle {
  /** The module with the handler; beside it in its directory only what it imports, as in Lambda. */
  readonly file: string
  /** Bytes of all that is loaded before the first request. */
  readonly atStart: number
  /** Names of those files. */
  readonly loadedAtStart: ReadonlySet<string>
  remove(): Promise<void>
}

/** Bundles the module as it is deployed. `entry` is an absolute path, such as that of `packages/functions/src/api.ts`. */
export async function bundleFunction(entry: string): Promise<FunctionBundle> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-function-'))
  const file = join(directory, `${basename(entry, '.ts')}.mjs`)
  const { metafile } = await build({
    ...BUNDLE_OPTIONS,
    absWorkingDir: directory,
    nodePaths: [join(ROOT, 'node_modules')],
    entryPoints: [entry],
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    splitting: true,
    metafile: true,
    logLevel: 'silent',
  })
  const loaded = new Set([basename(file)])
  let atStart = 0
  for (const name of loaded) {
    const output = metafile.outputs[name]
    if (!output) throw new Error(`${name} is not in the bundle`)
    atStart += output.bytes
    for (const { path, kind, external } of output.imports) {
      if (kind === 'import-statement' && external !== true) loaded.add(path)
    }
  }
  return {
    file,
    atStart,
    loadedAtStart: loaded,
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}
