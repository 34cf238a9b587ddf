import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { blobKey, linkKey } from '@sluice/core/records/keys'
import type { Digest } from '@sluice/core/digest'
import { openLocalRegistry, type LocalRegistry } from '@sluice/server/local-registry'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PROJECT, pushBlob, pushManifest, REPOSITORY } from '../core/checker/pushed-registry.ts'

const GRACE = 3600

interface Ended {
  readonly code: number
  readonly said: string
  readonly complained: string
}

function run(command: 'fsck' | 'sweep', args: readonly string[]): Promise<Ended> {
  const file = fileURLToPath(new URL(`../../packages/server/src/${command}.ts`, import.meta.url))
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('SLUICE_'))
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [file, ...args],
      { env: Object.fromEntries(own) },
      (_error, said, complained) => resolve({ code: child.exitCode ?? -1, said, complained }),
    )
  })
}

describe('beside a server', () => {
  let dataDir: string
  let server: LocalRegistry
  let isRunning: boolean
  let layer: Digest
  let spare: Digest
  const clock = { late: 0, now: () => Date.now() - clock.late }

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'sluice-fsck-'))
    clock.late = 0
    server = await openLocalRegistry({ dataDir, grace: GRACE, uploadIdle: GRACE }, clock)
    isRunning = true
    const { registry } = server
    await registry.projects.create(PROJECT)
    const config = await pushBlob(registry, REPOSITORY, 'layer')
    layer = config.digest
    await pushManifest(registry, REPOSITORY, { config, layers: [] }, ['latest'])
    spare = (await pushBlob(registry, REPOSITORY, 'spare')).digest
  })
  afterEach(async () => {
    if (isRunning) await server.close()
    await rm(dataDir, { recursive: true })
  })

  const fsck = (...args: string[]): Promise<Ended> => run('fsck', ['--data-dir', dataDir, ...args])
  const sweep = (...args: string[]): Promise<Ended> =>
    run('sweep', ['--data-dir', dataDir, ...args])

  const objectOf = async (digest: Digest): Promise<string> =>
    join(dataDir, (await server.table.get(blobKey(digest)))?.['key'] as string)

  it('fsck says in one line that nothing is wrong', async () => {
    expect(await fsck('--deep')).toEqual({
      code: 0,
      said: '1 repositories, 2 blobs, 2 objects: nothing wrong\n',
      complained: '',
    })
  })

  it('fsck tells a wrong count, repairs it when asked, and then all is well', async () => {
    const key = linkKey(REPOSITORY, layer)
    await server.table.transact([{ update: key, set: { refs: 3 } }])
    const line = `${REPOSITORY} blob ${layer}: the link counts 3 references, and there are 1`
    const found = await fsck()
    expect(found.code).toBe(1)
    expect(found.said).toBe(
      `${line} [reference-count-wrong]\n` +
        '1 repositories, 2 blobs, 2 objects: 1 problem, 1 for --repair\n',
    )
    const repaired = await fsck('--repair')
    expect(repaired.code).toBe(0)
    expect(repaired.said).toBe(
      `repaired: ${line} [reference-count-wrong]\n` +
        '1 repositories, 2 blobs, 2 objects: 1 repaired, nothing wrong now\n',
    )
    expect(await server.table.get(key)).toMatchObject({ refs: 1 })
    expect((await fsck()).code).toBe(0)
  })

  it('fsck --deep finds a flipped bit, and cannot repair what a manifest needs', async () => {
    const file = await objectOf(layer)
    const bytes = await readFile(file)
    bytes[2]! ^= 1
    await writeFile(file, bytes)
    expect((await fsck()).code).toBe(0)
    const { code, said } = await fsck('--deep', '--repair')
    expect(code).toBe(1)
    expect(said).toContain(`blob ${layer}: object blobs/`)
    expect(said).toContain('has another digest')
    expect(said).toContain('0 repaired, 1 problem left\n')
  })

  it('fsck --deep --repair takes a damaged blob away that nobody needs', async () => {
    await writeFile(await objectOf(spare), 'sPare')
    expect((await fsck('--deep', '--repair')).code).toBe(0)
    expect(await server.table.get(blobKey(spare))).toBeUndefined()
    expect((await sweep()).code).toBe(0)
    expect((await fsck('--deep')).said).toContain('1 blobs, 1 objects: nothing wrong\n')
  })

  it('fsck works without a server, and never makes a directory', async () => {
    await server.close()
    isRunning = false
    expect((await fsck()).code).toBe(0)
    const none = join(dataDir, 'none')
    expect(await run('fsck', ['--data-dir', none])).toEqual({
      code: 1,
      said: '',
      complained: `sluice: ${join(none, 'sluice.db')} does not exist\n`,
    })
    expect(await readdir(dataDir)).not.toContain('none')
  })

  it('sweep removes what its grace is over for, in one line', async () => {
    expect((await sweep('--grace', '100000')).said).toBe(
      'removed 0 links, 0 blobs (0 bytes), 0 objects, 0 uploads; looked at 0 records\n',
    )
    clock.late = 2 * GRACE * 1000
    const old = await pushBlob(server.registry, REPOSITORY, 'old')
    const { code, said } = await sweep('--grace', String(GRACE))
    expect(code).toBe(0)
    // Whoever was told of the object may still be reading it.
    expect(said).toMatch(/^removed 1 links, 1 blobs \(3 bytes\), 0 objects, 0 uploads; .*\n$/)
    expect(await server.table.get(blobKey(old.digest))).toBeUndefined()
    expect(await server.table.get(blobKey(spare))).toBeDefined()
    expect((await fsck()).code).toBe(0)
  })

  it('sweep without a grace removes the bytes as well', async () => {
    clock.late = 2 * GRACE * 1000
    const old = await pushBlob(server.registry, REPOSITORY, 'old')
    const file = await objectOf(old.digest)
    const { said } = await sweep('--grace', '0')
    expect(said).toMatch(/^removed \d links, (\d) blobs \(\d+ bytes\), \1 objects, 0 uploads; /)
    await expect(readFile(file)).rejects.toThrow('ENOENT')
    expect((await fsck()).code).toBe(0)
  })

  it('sweep fails when it could not do everything', async () => {
    clock.late = 2 * GRACE * 1000
    const old = await pushBlob(server.registry, REPOSITORY, 'old')
    const file = await objectOf(old.digest)
    await rm(file)
    // A directory where a file should be cannot be removed as one.
    await mkdir(file)
    await writeFile(join(file, 'in-the-way'), '')
    const { code, said, complained } = await sweep('--grace', '0')
    expect(code).toBe(1)
    expect(said).toMatch(/, \d+ failed and stay due\n$/)
    expect(complained).toContain('sluice: ')
  })
})
