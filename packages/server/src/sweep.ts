/** `npm run sweep`: removes now what the server would remove at its next sweep; the server may run meanwhile. */
import type { Registry } from '@sluice/core/registry'
import { runBesideServer } from './beside-server.ts'
import { ProgressBar } from './progress-bar.ts'

const COMMAND = {
  name: 'npm run sweep --',
  purpose: 'removes what nothing has referred to for its grace time',
}

async function sweep(registry: Registry): Promise<boolean> {
  const bar = new ProgressBar()
  const { evictions, sweeper } = registry
  const evicted = await evictions.evict()
  const { looked, links, blobs, bytes, objects, uploads, errors } = await sweeper
    .sweep({ onLook: (swept) => bar.show({ step: 'records looked at', done: swept.looked }) })
    .finally(() => bar.end())
  for (const error of errors) process.stderr.write(`sluice: ${String(error)}\n`)
  const failed = errors.length > 0 ? `, ${errors.length} failed and stay due` : ''
  process.stdout.write(
    (evicted.images > 0 ? `evicted ${evicted.images} images from caches; ` : '') +
      `removed ${links} links, ${blobs} blobs (${bytes} bytes), ${objects} objects, ` +
      `${uploads} uploads; looked at ${looked} records${failed}\n`,
  )
  return errors.length === 0
}

await runBesideServer(COMMAND, sweep)
