/**
 * Whether a host may have what is meant for `owner`: the same host name, one under the same registrable domain, or one that
 * the settings name. Domains that are let to the public (github.io, and the like) are nobody's domain.
 */
export async function isSameRegistry(
  host: URL,
  owner: URL,
  realmHosts: readonly string[],
): Promise<boolean> {
  if (host.hostname === owner.hostname) return true
  const named = realmHosts.map((name) => name.toLowerCase())
  if (named.includes(host.host) || named.includes(host.hostname)) return true
  // Loaded when a challenge names another host: the list of public suffixes is long.
  const { getDomain } = await import('tldts')
  const options = { allowPrivateDomains: true }
  const domain = getDomain(owner.hostname, options)
  return domain !== null && domain === getDomain(host.hostname, options)
}
