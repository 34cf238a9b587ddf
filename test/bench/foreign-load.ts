/** On a shared machine a figure is worth as much as the machine was ours: this tells how much of it was. */
import { readFileSync } from 'node:fs'

/** Jiffies that all cores have worked, but for waiting and idling. https://docs.kernel.org/filesystems/proc.html */
function worked(): { readonly busy: number; readonly all: number } {
  const line = /^cpu .*$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[0] ?? ''
  // user nice system idle iowait irq softirq steal; guests are counted in user already.
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number)
  const all = ticks.reduce((sum, each) => sum + each, 0)
  return { busy: all - (ticks[3] ?? 0) - (ticks[4] ?? 0), all }
}

/** Jiffies of this process and of all its children that have ended: whatever a part started, once the part is over. */
function ours(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields.slice(11, 15).reduce((sum, each) => sum + Number(each), 0)
}

/** Starts to watch; the returned function says what share of all cores others have had since, from 0 to 1. */
export function watchForeignLoad(): () => number {
  const before = { ...worked(), ours: ours() }
  return () => {
    const after = { ...worked(), ours: ours() }
    const foreign = after.busy - before.busy - (after.ours - before.ours)
    return Math.max(0, foreign / (after.all - before.all))
  }
}
