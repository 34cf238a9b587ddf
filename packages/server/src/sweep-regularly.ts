import type { Registry } from '@sluice/core/registry'
import type { RegistryParts } from '@sluice/core/services/registry-parts'
import type { Log } from '@sluice/core/ports/log'

/** Evicts and sweeps now and again after each interval, never two at once, and measures what is left. The answer ends it, when the piece of work under way is done. */
export function sweepRegularly(
  { evictions, storageUsage, sweeper }: Pick<Registry, 'evictions' | 'storageUsage' | 'sweeper'>,
  intervalMs: number,
  log: Log,
  parts: Pick<RegistryParts, 'failed' | 'ran'>,
): () => Promise<void> {
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  const sweep = async (): Promise<void> => {
    try {
      const evicted = await evictions.evict(() => stopped)
      if (evicted.images > 0) log.info('evicted from caches', { ...evicted })
      const { errors, ...swept } = await sweeper.sweep({ stop: () => stopped })
      if (swept.looked > 0) log.info('swept', swept)
      for (const error of errors) log.error('a piece of sweeping failed', {}, error)
      if (errors.length === 0) await parts.ran('sweep')
      else
        await parts.failed('sweep', {
          problem: `pieces of sweeping failed and stay due: ${errors.length}`,
        })
      await storageUsage.tell(() => stopped)
    } catch (error) {
      log.error('sweeping failed', {}, error)
      await parts.failed('sweep', { problem: 'sweeping failed; the log says why' })
    }
    if (!stopped) timer = setTimeout(start, intervalMs)
  }
  let running = Promise.resolve()
  const start = (): void => {
    running = sweep()
  }
  start()
  return async () => {
    stopped = true
    clearTimeout(timer)
    await running
  }
}
