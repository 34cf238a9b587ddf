/** Sends events over the same connections as upstreams are asked over: no private address, no redirect, no endless wait. */
import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { BoundedMap } from '@sluice/core/bounded-map'
import { UpstreamError } from '@sluice/core/ports/upstream'
import { DeliveryError, type WebhookSender } from '@sluice/core/ports/webhook-sender'
import type { WebhookSettings } from '@sluice/core/webhook/webhook-settings'
import { Connections } from '../upstream/connections.ts'
import { publicLookup } from '../upstream/public-lookup.ts'
import { TRANSFER_LIMITS, type TransferLimits } from '../upstream/transfer-limits.ts'

export interface HttpWebhookSenderOptions {
  readonly limits?: Partial<TransferLimits>
  /** Instead of the machine's own resolver. */
  readonly lookup?: LookupFunction
}

/** Webhooks are set up by hand; settings that changed leave theirs to go in time. */
const MOST = 1000

export class HttpWebhookSender implements WebhookSender {
  readonly #options: HttpWebhookSenderOptions
  readonly #opened = new BoundedMap<string, Connections>(MOST)

  constructor(options: HttpWebhookSenderOptions = {}) {
    this.#options = options
  }

  async post(
    name: string,
    settings: WebhookSettings,
    headers: Readonly<Record<string, string>>,
    body: string,
  ): Promise<number> {
    try {
      const url = new URL(settings.url)
      const answer = await this.#connectionsOf(name, settings).send({
        method: 'POST',
        url,
        headers,
        body,
      })
      await answer.body.discard()
      return answer.status
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error
      throw new DeliveryError(error.message.replace(/^upstream \S+/, 'it'), { cause: error })
    }
  }

  #connectionsOf(name: string, settings: WebhookSettings): Connections {
    const { insecure, privateAddresses, certificateAuthority } = settings
    const reach = {
      insecure,
      privateAddresses,
      ...(certificateAuthority !== undefined && { certificateAuthority }),
    }
    const key = JSON.stringify([name, reach])
    const opened = this.#opened.get(key) ?? this.#open(name, reach)
    this.#opened.set(key, opened)
    return opened
  }

  #open(
    upstream: string,
    settings: Pick<WebhookSettings, 'insecure' | 'privateAddresses' | 'certificateAuthority'>,
  ): Connections {
    const resolver = this.#options.lookup ?? lookup
    return new Connections({
      upstream,
      settings,
      limits: { ...TRANSFER_LIMITS, ...this.#options.limits },
      lookup: settings.privateAddresses ? resolver : publicLookup(resolver),
      onProblem: () => undefined,
      onRemaining: () => undefined,
    })
  }
}
