import type { IncomingMessage } from 'node:http'

const PROTOCOL = 'HTTP/1.1'
const HOST = 'host'
const CONTENT_LENGTH = 'content-length'

/**
 * About how many bytes a request has, as OpenShift's registry counts: URL, method, protocol, names and values of the headers,
 * and as much body as they announce. Host counts without its name. The headers are read as they came: Node would make
 * an object of them, which costs more than all else that is measured.
 */
export function requestSize({
  method = '',
  url = '',
  rawHeaders,
}: Pick<IncomingMessage, 'method' | 'url' | 'rawHeaders'>): number {
  let size = url.length + method.length + PROTOCOL.length
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!
    const value = rawHeaders[at + 1]!
    size += name.length + value.length
    if (isNamed(name, HOST)) size -= HOST.length
    else if (isNamed(name, CONTENT_LENGTH)) size += Number(value) || 0
  }
  return size
}

const isNamed = (name: string, wanted: string): boolean =>
  name.length === wanted.length && name.toLowerCase() === wanted
