import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { BUNDLE_OPTIONS } from './bundle-options.ts'

/**
 * Bundles by `BUNDLE_OPTIONS`, as the tests do, from the root of the repository: `entries` as esbuild takes them
 * (`name=path`), into `outdir`. As a program, since esbuild's library cannot be bundled and SST bundles whatever
 * `sst.config.ts` imports. Throws all that esbuild has to say when it fails.
 */
export function runEsbuild(
  root: string,
  entries: readonly string[],
  outdir: string,
  more: readonly string[],
): void {
  const { format, platform, target, mainFields, legalComments, banner } = BUNDLE_OPTIONS
  execFileSync(
    join(root, 'node_modules/esbuild/bin/esbuild'),
    [
      ...entries,
      `--outdir=${outdir}`,
      '--bundle',
      '--minify',
      `--format=${format}`,
      `--platform=${platform}`,
      `--target=${target}`,
      `--main-fields=${mainFields.join(',')}`,
      `--legal-comments=${legalComments}`,
      `--banner:js=${banner.js}`,
      '--log-level=warning',
      ...more,
    ],
    { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] },
  )
}
