/** Where the client reaches this registry. The Host header is repeated only when it is nothing but a host. */
import { RegistryError } from '@sluice/core/errors'
import type { AppContext, Parts } from './app-environment.ts'

const HOST = /^(?:[a-zA-Z0-9._-]{1,253}|\[[0-9a-fA-F:.]{2,45}\])(?::\d{1,5})?$/

export function baseUrl(c: AppContext, { publicUrl }: Parts): string {
  if (publicUrl !== undefined) return publicUrl
  const host = c.req.header('host') ?? ''
  const url = `${c.env?.secure ? 'https' : 'http'}://${host}`
  // Not every such name is one: `1.2.3.4.5` is none.
  if (HOST.test(host) && URL.canParse(url)) return url
  throw new RegistryError('REQUEST_INVALID', 'the Host header is not a host name')
}
