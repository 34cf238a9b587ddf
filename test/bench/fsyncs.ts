import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { processTree } from './process-memory.ts'

const CALL = /\b(fsync|fdatasync|sync_file_range|syncfs)\(/g

/**
 * What `work` makes the server ask of the disk, as strace sees it: an unsynced push is no push, and a table of speeds
 * must say who paid for it.
 */
export async function fsyncsDuring(
  pid: number,
  traceFile: string,
  work: () => Promise<unknown>,
): Promise<string> {
  const pids = processTree(pid).flatMap((each) => ['-p', String(each)])
  const args = ['-f', '-q', '-e', 'trace=fsync,fdatasync,sync_file_range,syncfs', '-o', traceFile]
  const strace = spawn('strace', [...args, ...pids], { stdio: 'ignore' })
  const ended = Promise.race([
    once(strace, 'exit').then(() => true),
    once(strace, 'error').then(() => true),
  ]).catch(() => true)
  // It attaches in a few milliseconds and says nothing about it.
  if (await Promise.race([ended, sleep(1000, false)])) return 'unknown (no strace)'
  try {
    await work()
  } finally {
    strace.kill('SIGINT')
    await ended
  }
  const counts = new Map<string, number>()
  for (const [, name = ''] of readFileSync(traceFile, 'utf8').matchAll(CALL)) {
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return [...counts].map(([name, count]) => `${count} ${name}`).join(', ') || '**none**'
}
