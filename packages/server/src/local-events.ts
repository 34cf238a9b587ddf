/** How a server tells others of what is done: by a queue in its table, which survives it. */
import { FileSecrets } from '@sluice/adapters/local/file-secrets'
import { TableQueue } from '@sluice/adapters/local/table-queue'
import { TableQueueWorker } from '@sluice/adapters/local/table-queue-worker'
import type { WholeMeter } from '@sluice/adapters/metrics/whole-meter'
import { HttpWebhookSender } from '@sluice/adapters/webhooks/http-webhook-sender'
import type { Clock } from '@sluice/core/ports/clock'
import type { Log } from '@sluice/core/ports/log'
import type { Table } from '@sluice/core/ports/table'
import type { EventPorts, Registry } from '@sluice/core/registry'
import { EVENT_JOB } from '@sluice/core/services/events'
import { untakenTo } from '@sluice/core/services/untaken-to'
import { hostname } from 'node:os'
import { join } from 'node:path'

const QUEUE = 'events'

export const eventsQueue = (table: Table, clock: Clock): TableQueue =>
  new TableQueue(table, clock, QUEUE)

export function localEvents(dataDir: string, table: Table, clock: Clock, log: Log): EventPorts {
  return {
    queue: eventsQueue(table, clock),
    freezes: false,
    addr: hostname(),
    onUnread: (why) => log.error('the webhooks cannot be read', {}, why),
    onLost: (event, why) => log.error('an event is lost', event, why),
    courier: {
      sender: new HttpWebhookSender(),
      secrets: new FileSecrets(join(dataDir, 'secrets')),
      onUntaken: untakenTo(log),
    },
  }
}

/** Has the metrics tell how many wait, up to a thousand of them; while the table cannot be read, how many there were. */
export function countEvents(whole: WholeMeter, table: Table, clock: Clock): void {
  const queue = eventsQueue(table, clock)
  const waiting = whole.meter.gauge('sluice_queue_jobs', { queue: QUEUE })
  whole.beforeExposing(async () => {
    const count = await queue.waiting().catch(() => undefined)
    if (count !== undefined) waiting.set(count)
  })
}

/** In one thread of the server. */
export function deliverEvents(
  { deliveries }: Pick<Registry, 'deliveries'>,
  table: Table,
  clock: Clock,
  log: Log,
): TableQueueWorker {
  return new TableQueueWorker({
    table,
    clock,
    name: QUEUE,
    handlers: { [EVENT_JOB]: async (job) => deliveries?.do(job) },
    onFailure: (thrown, failed) => log.error('a job failed', failed, thrown),
  })
}
