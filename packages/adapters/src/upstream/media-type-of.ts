import { headerOf, type Headers } from './header-of.ts'

/** Content-Type without parameters; '' where there is none. */
export const mediaTypeOf = (headers: Headers): string =>
  (headerOf(headers, 'content-type') ?? '').split(';', 1)[0]!.trim()

/** A page for people: a login, a captive portal, an error of something in between. No registry sends any. */
export const isPage = (headers: Headers): boolean =>
  ['text/html', 'application/xhtml+xml'].includes(mediaTypeOf(headers).toLowerCase())
