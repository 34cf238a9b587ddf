/** Whoever waits at a terminal sees how far a command is; a log of it stays clean. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { ProjectName, RepositoryName } from '@sluice/core/repository-name'
import { openLocalRegistry } from '@sluice/server/local-registry'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { pushBlob } from '../core/checker/pushed-registry.ts'
import { requireTools, toolPath } from '../tools/require-tools.ts'

const run = promisify(execFile)

let dataDir = ''

beforeAll(async () => {
  await requireTools(['script'])
  dataDir = await mkdtemp(join(tmpdir(), 'sluice-bar-'))
  const clock = { now: () => Date.now() - 7_200_000 }
  const local = await openLocalRegistry({ dataDir, grace: 3600, uploadIdle: 3600 }, clock)
  await local.registry.projects.create('team' as ProjectName)
  const repository = 'team/bar' as RepositoryName
  for (const text of ['some', 'blobs']) await pushBlob(local.registry, repository, text)
  await local.close()
})
afterAll(async () => rm(dataDir, { recursive: true }))

const COMMANDS = [
  {
    name: 'fsck',
    flags: ['--deep'],
    bar: /[-=]+ \d+% of \d+ MB, (\?|\w+s) left/,
    end: 'nothing wrong',
  },
  {
    name: 'sweep',
    flags: ['--grace', '3600'],
    bar: /\d+ records looked at/,
    end: 'removed 2 links',
  },
]

it.for(COMMANDS)(
  'npm run $name draws a bar on a terminal alone',
  async ({ name, flags, bar, end }) => {
    const file = fileURLToPath(new URL(`../../packages/server/src/${name}.ts`, import.meta.url))
    const command = [process.execPath, file, '--data-dir', dataDir, ...flags]
    const onTerminal = await run(toolPath('script'), ['-qec', command.join(' '), '/dev/null'])
    expect(onTerminal.stdout).toMatch(bar)
    expect(onTerminal.stdout).toContain(end)
    expect(onTerminal.stdout).not.toMatch(/N[FU]/)

    const [program = '', ...args] = command
    const { stdout, stderr } = await run(program, args)
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^[ -~]+\n$/)
  },
)
