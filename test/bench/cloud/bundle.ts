/** How large the function is that is deployed, and of what. */
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Metafile } from 'esbuild'
import { BUNDLE_OPTIONS } from '../../../infra/bundle-options.ts'
import { figure, type Table } from '../report.ts'

const ROOT = join(import.meta.dirname, '../../..')
const DOORS = ['api', 'sweep', 'fill', 'exporter']
const SHOWN = 8

export async function bundle(): Promise<Table> {
  const rows: string[][] = []
  let parts = ''
  for (const door of DOORS) {
    const { outputFiles, metafile } = await build({
      ...BUNDLE_OPTIONS,
      absWorkingDir: ROOT,
      entryPoints: [`packages/functions/src/${door}.ts`],
      outdir: 'never-written',
      splitting: true,
      write: false,
      metafile: true,
      logLevel: 'silent',
    })
    const sum = (sizeOf: (bytes: Uint8Array) => number): string =>
      figure(outputFiles.reduce((total, { contents }) => total + sizeOf(contents), 0))
    rows.push([door, sum((bytes) => bytes.byteLength), sum(zipped)])
    parts ||= largest(metafile)
  }
  return {
    title: 'Bundles, bytes',
    head: ['function', 'minified', 'gzipped'],
    rows,
    notes: [`most of api: ${parts}`],
  }
}

const zipped = (bytes: Uint8Array): number => gzipSync(bytes, { level: 9 }).byteLength

/** The packages with most bytes in the bundle. */
function largest(metafile: Metafile): string {
  const sizes = new Map<string, number>()
  for (const output of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(output.inputs)) {
      const name = packageOf(path)
      sizes.set(name, (sizes.get(name) ?? 0) + bytesInOutput)
    }
  }
  return [...sizes]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, SHOWN)
    .map(([name, size]) => `${name} ${figure(size)}`)
    .join(', ')
}

/** Of a path that esbuild names: the package in the innermost node_modules, or the room of ours. */
function packageOf(path: string): string {
  const foreign = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]
  return foreign ?? /^packages\/[^/]+/.exec(path)?.[0] ?? path
}
