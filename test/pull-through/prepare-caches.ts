import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { UpstreamSettings } from '@sluice/core/upstream/upstream-settings'
import { stringify } from 'yaml'
import type { StartOptions } from '../running-sluice.ts'

export interface Prepared {
  readonly dataDir: string
  readonly env: NonNullable<StartOptions['env']>
}

/**
 * Writes down what a server's owner does for it to read through other registries: an object for each in a file, by name, and
 * the secrets that they name. Any number of servers may be started with it, one after the other.
 */
export function prepareCaches(
  directory: string,
  upstreams: Readonly<Record<string, Partial<UpstreamSettings>>>,
  secrets: Readonly<Record<string, string>> = {},
): Prepared {
  const dataDir = join(directory, 'data')
  mkdirSync(join(dataDir, 'secrets'), { recursive: true })
  for (const [name, secret] of Object.entries(secrets)) {
    writeFileSync(join(dataDir, 'secrets', name), `${secret}\n`, { mode: 0o600 })
  }
  const file = join(directory, 'upstreams.yaml')
  const documents = Object.entries(upstreams).map(([name, spec]) =>
    stringify({
      apiVersion: 'sluice.dev/v1',
      kind: 'Upstream',
      metadata: { name },
      spec: { insecure: true, privateAddresses: true, ...spec },
    }),
  )
  writeFileSync(file, documents.join('---\n'))
  return { dataDir, env: { SLUICE_UPSTREAMS_CONFIG: file } }
}
