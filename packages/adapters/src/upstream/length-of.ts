import { headerOf, type Headers } from './header-of.ts'

/** Content-Length; `undefined` where there is none that can be. */
export function lengthOf(headers: Headers): number | undefined {
  const text = headerOf(headers, 'content-length')
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}
