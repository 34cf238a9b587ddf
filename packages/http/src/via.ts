/**
 * The registries of this kind that a request came through, the first first (RFC 9110 section 7.6.3). Other proxies are none
 * of an upstream's business.
 */
import type { AppContext } from './app-environment.ts'

const PSEUDONYM = /\bsluice-[0-9a-f]{16}\b/g

export const viaOf = (c: AppContext): readonly string[] =>
  c.req.header('via')?.match(PSEUDONYM) ?? []
