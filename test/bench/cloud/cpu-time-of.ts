/** What a process has cost, whoever else kept the cores busy meanwhile. */
import { readdirSync, readFileSync } from 'node:fs'

/**
 * Milliseconds of processor time of all its threads that live, as the scheduler counts them; 0 once it has ended.
 * https://docs.kernel.org/scheduler/sched-stats.html
 */
export function cpuTimeOf(pid: number): number {
  try {
    const nanoseconds = readdirSync(`/proc/${pid}/task`).map((thread) =>
      Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ', 1)[0]),
    )
    return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e6
  } catch {
    return 0
  }
}
