import { execFile } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { copyProject, REPOSITORY, type Edits } from './copy-project.ts'
import type { Graph } from './resource-graph.ts'
import { sstPlatform } from './sst-platform.ts'
import { startFakeAws } from './standin/start-fake-aws.ts'

export interface Ended {
  readonly code: number
  /** Standard output and error. */
  readonly output: string
}

export interface SstProject {
  /** Resources of a stage, by the real `sst diff --json`; rejects with what went wrong. */
  readonly diff: (stage: string) => Promise<Graph>
  /** `sst diff` of a stage, which says in words what is wrong, as its JSON does not. */
  readonly diffInWords: (stage: string) => Promise<Ended>
  /** `tsc` over `sst.config.ts` and `infra/`, against SST's own types. */
  readonly typeCheck: () => Promise<Ended>
  readonly close: () => void
}

/** The repository once more, edited, as an SST project that is deployed nowhere: `sst` finds a stand-in for the engine and for AWS. */
export async function openSstProject(edits: Edits = {}): Promise<SstProject> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-sst-')))
  copyProject(root, edits)
  const { platform, providerLock } = await sstPlatform()
  mkdirSync(join(root, '.sst'))
  symlinkSync(platform, join(root, '.sst/platform'))
  cpSync(providerLock, join(root, '.sst/provider-lock.json'))

  const config = join(root, '.standin')
  installEngine(join(config, 'sst/bin/pulumi'))
  const aws = await startFakeAws()
  const graphFile = join(root, '.standin/graph.json')
  const environment = {
    // Nobody's account, profile or stage.
    ...Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(?:AWS|SST)_/.test(name)),
    ),
    PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
    HOME: config,
    XDG_CONFIG_HOME: config,
    SLUICE_STANDIN_GRAPH: graphFile,
    SST_SKIP_DEPENDENCY_CHECK: '1',
    SST_NO_BUN: '1',
    SST_TELEMETRY_DISABLED: '1',
    AWS_ENDPOINT_URL: aws.url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'standin',
    AWS_SECRET_ACCESS_KEY: 'standin',
  }
  const sst = (...args: string[]): Promise<Ended> =>
    run(join(REPOSITORY, 'node_modules/.bin/sst'), args, root, environment)

  const setSecret = async (stage: string): Promise<void> => {
    const secret = await sst('secret', 'set', 'AdminPassword', 'first-password', '--stage', stage)
    if (secret.code !== 0) throw new Error(`${secret.output}\n${lastLog(root)}`)
  }

  return {
    diff: async (stage) => {
      await setSecret(stage)
      const { code, output } = await sst('diff', '--json', '--stage', stage)
      if (code !== 0) throw new Error((await sst('diff', '--stage', stage)).output)
      const graph = JSON.parse(readFileSync(graphFile, 'utf8')) as Graph
      const said = JSON.parse(output) as readonly unknown[]
      if (said.length !== graph.length) throw new Error('the CLI and the engine disagree')
      return graph
    },
    diffInWords: async (stage) => {
      await setSecret(stage)
      return sst('diff', '--stage', stage)
    },
    typeCheck: () =>
      run(
        process.execPath,
        [join(REPOSITORY, 'node_modules/typescript/bin/tsc'), '--noEmit', '-p', 'infra'],
        root,
        process.env,
      ),
    close: () => {
      aws.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

/** The CLI prints no more of an error that it did not expect than where to read on. */
function lastLog(root: string): string {
  try {
    return readFileSync(join(root, '.sst/log/sst.log'), 'utf8').slice(-2000)
  } catch {
    return 'it has no log'
  }
}

function installEngine(path: string): void {
  mkdirSync(dirname(path), { recursive: true })
  const engine = join(import.meta.dirname, 'standin/engine.ts')
  writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' '${engine}' "$@"\n`)
  chmodSync(path, 0o755)
}

function run(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    execFile(
      program,
      args,
      { cwd, env, maxBuffer: 1 << 28, timeout: 120_000 },
      (error, out, err) => {
        if (error && typeof error.code !== 'number') reject(error)
        else resolve({ code: Number(error?.code ?? 0), output: out + err })
      },
    )
  })
}
