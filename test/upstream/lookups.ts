import type { LookupFunction } from 'node:net'

/** A resolver of a test's own: every name is at these addresses, in the order of the calls; the last one stays. */
export function lookupOf(...addresses: readonly string[]): LookupFunction {
  const left = [...addresses]
  return (_name, options, callback) => {
    const address = left.length > 1 ? left.shift()! : left[0]!
    const family = address.includes(':') ? 6 : 4
    if (options.all === true) callback(null, [{ address, family }])
    else callback(null, address, family)
  }
}
