/**
 * The Dockerfile of the upload door, step by step in a folder of its own: no image to start from can be had everywhere, but
 * whether what is copied and installed suffices shows without one.
 */
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { REPOSITORY } from './copy-project.ts'

const DOCKERFILE = join(REPOSITORY, 'infra/upload-door/Dockerfile')

const lines = (path: string): string[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))

const stepsOf = (instruction: string): string[] =>
  lines(DOCKERFILE)
    .filter((line) => line.startsWith(`${instruction} `))
    .map((line) => line.slice(instruction.length + 1))

const run = promisify(execFile)

describe("the upload door's image", () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-image-'))
  const PATH = `${dirname(process.execPath)}:${process.env['PATH']}`

  beforeAll(async () => {
    for (const step of stepsOf('COPY')) {
      const names = step.split(' ')
      const to = names.pop()!
      for (const name of names) {
        cpSync(join(REPOSITORY, name), join(folder, to === './' ? name : to), {
          recursive: true,
          filter: (path) => !path.endsWith('node_modules'),
        })
      }
    }
    for (const step of stepsOf('RUN')) {
      await run('sh', ['-c', step], {
        cwd: folder,
        env: { ...process.env, PATH, NODE_ENV: 'production' },
      })
    }
  }, 300_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('lets through to the builder what it copies, and keeps out what it must not see', () => {
    const ignored = lines(`${DOCKERFILE}.dockerignore`)
    const copied = stepsOf('COPY').flatMap((step) => step.split(' ').slice(0, -1))
    expect(ignored[0]).toBe('*')
    expect(ignored.filter((line) => line.startsWith('!')).toSorted()).toEqual(
      copied.map((name) => `!${name}`).toSorted(),
    )
    // SST would write the last into the file by itself.
    expect(ignored).toEqual(expect.arrayContaining(['**/node_modules', '.sst']))
  })

  it('has all that the door imports, and says what its environment lacks', async () => {
    const [program, ...args] = JSON.parse(stepsOf('CMD')[0]!) as [string, ...string[]]
    const failed = await run(program, args, { cwd: folder, env: { PATH } }).catch(
      (error: unknown) => error as { readonly code: number; readonly stderr: string },
    )
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('SLUICE_TABLE') })
    expect(failed.stderr.trim().split('\n')).toHaveLength(1)
  })

  it('is not run by root', () => {
    expect(stepsOf('USER')).toEqual(['node'])
  })
})
