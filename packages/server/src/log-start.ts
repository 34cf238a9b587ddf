/** The first lines of a server's log: those of OpenShift's registry, as far as they are true of this one. */
import { versions } from 'node:process'
import type { Log } from '@sluice/core/ports/log'
import { VERSION } from '@sluice/core/version'

export function logStart(
  log: Log,
  door: { readonly url: string; readonly port: number },
  publicUrl: string | undefined,
): void {
  log.info('start registry', { sluice_version: VERSION, node_version: versions.node })
  log.info('redis not configured')
  if (publicUrl !== undefined) log.info(`Using ${JSON.stringify(publicUrl)} as Docker Registry URL`)
  const { hostname, protocol } = new URL(door.url)
  const everywhere = hostname === '0.0.0.0' || hostname === '[::]'
  const address = `${everywhere ? '' : hostname}:${door.port}`
  log.info(`listening on ${address}${protocol === 'https:' ? ', tls' : ''}`)
}
