/** What a server and its workers hold in memory, as the kernel counts it. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

/** The process and all of its descendants. */
export function processTree(pid: number): number[] {
  try {
    const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean),
    )
    return [pid, ...children.flatMap((child) => processTree(Number(child)))]
  } catch {
    return [] // it ended while we looked
  }
}

/** Megabytes (10^6 bytes) in all of them together; pages they share are counted in each. */
function total(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  let kibibytes = 0
  for (const each of processTree(pid)) {
    const status = readFileSync(`/proc/${each}/status`, 'utf8')
    kibibytes += Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0)
  }
  return (kibibytes * 1024) / 1e6
}

export const residentMemory = (pid: number): number => total(pid, 'VmRSS')

/** The most that each held since `forgetPeak`: no sampling can miss it. */
export const peakMemory = (pid: number): number => total(pid, 'VmHWM')

/** https://docs.kernel.org/filesystems/proc.html: 5 in clear_refs resets the peak to what is held now. */
export function forgetPeak(pid: number): void {
  for (const each of processTree(pid)) writeFileSync(`/proc/${each}/clear_refs`, '5')
}
