import type { LookupFunction } from 'node:net'
import type { UpstreamSettings } from '@sluice/core/upstream/upstream-settings'
import type { Dispatcher } from 'undici'
import { publicConnector } from './public-connector.ts'
import type { TransferLimits } from './transfer-limits.ts'

/** Of the settings, how the other side is reached. */
export type Reach = Pick<
  UpstreamSettings,
  'insecure' | 'privateAddresses' | 'certificateAuthority' | 'proxy'
>

export interface DispatcherOptions {
  readonly settings: Reach
  readonly limits: TransferLimits
  readonly lookup: LookupFunction
}

const MAX_HEADER_BYTES = 32 * 1024

/** Pools of connections by the settings' certificates and proxy, a pool for each origin. */
export async function openDispatcher(options: DispatcherOptions): Promise<Dispatcher> {
  const { settings, limits, lookup } = options
  // Loaded when the first upstream is asked: it would cost every cold start. Bundled, it has no names but `default`.
  const { Agent, ProxyAgent, buildConnector } = (await import('undici')).default
  const certificates = {
    rejectUnauthorized: !settings.insecure,
    ...(settings.certificateAuthority !== undefined && { ca: settings.certificateAuthority }),
  }
  const common = {
    allowH2: false,
    headersTimeout: limits.headersMs,
    bodyTimeout: limits.idleMs,
    maxHeaderSize: MAX_HEADER_BYTES,
    pipelining: 1,
  }
  if (settings.proxy !== undefined) {
    // It is the operator's, wherever it stands, and it looks the names up.
    return new ProxyAgent({
      ...common,
      uri: settings.proxy,
      connectTimeout: limits.connectMs,
      requestTls: certificates,
    })
  }
  const connector = buildConnector({
    ...certificates,
    allowH2: false,
    timeout: limits.connectMs,
    lookup,
  })
  const connect = settings.privateAddresses ? connector : publicConnector(connector)
  return new Agent({ ...common, connect })
}
