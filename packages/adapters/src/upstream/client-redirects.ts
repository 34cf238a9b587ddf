/** Whether a client may be sent to where an upstream redirects. */
import type { LookupFunction } from 'node:net'
import type { UpstreamSettings } from '@sluice/core/upstream/upstream-settings'
import { addressIn } from './address-in.ts'
import { isPublicAddress } from './public-address.ts'
import { publicLookup } from './public-lookup.ts'

export class ClientRedirects {
  readonly #settings: UpstreamSettings
  readonly #lookup: LookupFunction

  constructor(settings: UpstreamSettings, lookup: LookupFunction) {
    this.#settings = settings
    this.#lookup = publicLookup(lookup)
  }

  /** By https alone, with no credentials in it, and not into a client's own network unless the settings allow that. */
  async allows({ protocol, hostname, username, password }: URL): Promise<boolean> {
    if (protocol !== 'https:' || username !== '' || password !== '') return false
    if (this.#settings.privateAddresses) return true
    const address = addressIn(hostname)
    if (address !== undefined) return isPublicAddress(address)
    if (this.#settings.proxy !== undefined) return true
    return new Promise((resolve) => {
      this.#lookup(hostname, { all: true }, (error) => resolve(error === null))
    })
  }
}
