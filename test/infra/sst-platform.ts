import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { copyProject, REPOSITORY } from './copy-project.ts'
import { withInstallLock } from '../tools/install-lock.ts'
import { toolCache } from '../tools/tool-cache.ts'

/**
 * SST's own code and types with the providers of `sst.config.ts`, as `sst install` unpacks them into a project: 320 MB from
 * the package registry in some 40 s, once, into the tool cache.
 */
export async function sstPlatform(): Promise<{
  readonly platform: string
  readonly providerLock: string
}> {
  const manifest = readFileSync(join(REPOSITORY, 'node_modules/sst/package.json'), 'utf8')
  const { version } = JSON.parse(manifest) as { version: string }
  const folder = join(toolCache(), `sst-platform-${version}`)
  if (!existsSync(folder)) {
    await withInstallLock(async () => {
      if (!existsSync(folder)) await install(folder)
    })
  }
  return { platform: join(folder, 'platform'), providerLock: join(folder, 'provider-lock.json') }
}

/** Aside, and renamed when it is whole: what was cut short is never taken for finished. */
async function install(folder: string): Promise<void> {
  mkdirSync(toolCache(), { recursive: true })
  const building = mkdtempSync(join(toolCache(), '.building-'))
  try {
    copyProject(building)
    console.error('sst: installing its platform')
    await promisify(execFile)(join(REPOSITORY, 'node_modules/.bin/sst'), ['install'], {
      cwd: building,
      env: {
        ...process.env,
        PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
        XDG_CONFIG_HOME: join(building, '.config'),
        // A stage that the settings know: the CLI evaluates the configuration.
        SST_STAGE: 'production',
        SST_SKIP_DEPENDENCY_CHECK: '1',
        SST_NO_BUN: '1',
        SST_TELEMETRY_DISABLED: '1',
      },
    })
    if (!existsSync(folder)) renameSync(join(building, '.sst'), folder)
  } finally {
    rmSync(building, { recursive: true, force: true })
  }
}
