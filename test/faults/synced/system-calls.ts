/** What a process asks of the kernel, as strace sees it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toolPath } from '../../tools/require-tools.ts'

export interface SystemCall {
  readonly name: string
  /** As strace writes them: a descriptor as `36</the/file>`. */
  readonly args: string
  /** Seconds since the epoch. */
  readonly start: number
  readonly end: number
}

const CALLS =
  'write writev pwrite64 pwritev pwritev2 ftruncate fallocate sendto sendmsg sendfile copy_file_range fsync fdatasync ' +
  'open openat mkdir mkdirat link linkat rename renameat renameat2 unlink unlinkat'

/** Not every machine has all of them. */
const TRACED = CALLS.split(' ').map((name) => `?${name}`)

/** A file for each thread (`-ff`), so that no call of one is written in the middle of another's. */
const OPTIONS = ['-ff', '-ttt', '-T', '-y', '-s', '32', '-e', `trace=${TRACED.join(',')}`]

const LINE = /^(\d+\.\d+) (\w+)\((.*)\) += (?!-1 )[^<]*(?:<.*>)? <(\d+\.\d+)>$/

/** All calls that succeeded, in the order of their beginnings. */
export async function callsDuring(
  pid: number,
  work: () => Promise<unknown>,
): Promise<readonly SystemCall[]> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-strace-'))
  const args = [...OPTIONS, '-o', join(directory, 'thread'), '-p', String(pid)]
  const strace = spawn(toolPath('strace'), args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(strace, 'exit')
  try {
    await attached(strace.stderr)
    await work()
  } finally {
    strace.kill('SIGINT')
    await ended
  }
  const files = await readdir(directory)
  const texts = await Promise.all(files.map((file) => readFile(join(directory, file), 'utf8')))
  await rm(directory, { recursive: true })
  return texts
    .flatMap((text) => text.split('\n').flatMap(callOf))
    .toSorted((one, other) => one.start - other.start)
}

function callOf(line: string): SystemCall[] {
  const [, start, name, args, seconds] = LINE.exec(line) ?? []
  if (name === undefined || args === undefined) return []
  return [{ name, args, start: Number(start), end: Number(start) + Number(seconds) }]
}

async function attached(said: AsyncIterable<Buffer>): Promise<void> {
  let all = ''
  for await (const chunk of said) {
    all += chunk.toString()
    if (all.includes('attached')) return
  }
  throw new Error(`strace does not attach: ${all}`)
}
