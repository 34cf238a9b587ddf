/** The address that stands for a host in a URL's host name, as `URL` writes it; `undefined` for a name. */
export function addressIn(hostname: string): string | undefined {
  if (hostname.startsWith('[')) return hostname.slice(1, -1)
  return /^[\d.]+$/.test(hostname) ? hostname : undefined
}
