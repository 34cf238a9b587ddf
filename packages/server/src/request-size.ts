import type { IncomingMessage } from 'node:http'

const PROTOCOL = 'HTTP/1.1'
const HOST = 'host'

/**
 * About how many bytes a request has, as OpenShift's registry counts: URL, method, protocol, names and values of the headers,
 * and as much body as they announce. Host counts without its name.
 */
export function requestSize({
  method = '',
  url = '',
  rawHeaders,
  headers,
}: IncomingMessage): number {
  let size = url.length + method.length + PROTOCOL.length
  for (const text of rawHeaders) size += text.length
  if (headers.host !== undefined) size -= HOST.length
  return size + (Number(headers['content-length']) || 0)
}
