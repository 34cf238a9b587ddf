import { readFileSync } from 'node:fs'

/** Linux counts in hundredths of a second for whoever reads it (`getconf CLK_TCK`). */
const TICK_US = 10_000

/** Microseconds of processor time that a process has used: other programs on the machine hardly change it. */
export function processorTime(pid: number): number {
  // https://docs.kernel.org/filesystems/proc.html: the name before may hold anything.
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_US
}
