import type { LookupAddress, LookupOptions } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { ForbiddenAddressError } from './forbidden-address-error.ts'
import { isPublicAddress } from './public-address.ts'

/**
 * The same look-up without the addresses that are not public; fails with `ForbiddenAddressError` when none is left. A socket
 * connects to just what it answers, so that a name cannot say one thing when it is checked and another when it is used.
 */
export const publicLookup =
  (lookup: LookupFunction): LookupFunction =>
  (hostname, options: LookupOptions, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) {
        callback(error, [])
        return
      }
      const all = found as unknown as readonly LookupAddress[]
      const allowed = all.filter(({ address }) => isPublicAddress(address))
      const [first] = allowed
      if (first === undefined) callback(new ForbiddenAddressError(), [])
      else if (options.all === true) callback(null, allowed)
      else callback(null, first.address, first.family)
    })
  }
