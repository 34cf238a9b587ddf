/**
 * The header by which a door behind CloudFront knows that a request came through it: the door has a public address of
 * its own, and whoever used that would go around the edge and could say any address were his.
 */
import { createHash, timingSafeEqual } from 'node:crypto'

export const ORIGIN_SECRET_HEADER = 'x-sluice-origin'

/** Whom the edge saw: an address. Its function writes it over whatever a client sent (`infra/edge/viewer-request.ts`). */
export const VIEWER_HEADER = 'x-sluice-viewer'

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Takes the same time whatever the header says. */
export function comesThroughOrigin(secret: string, header: string | null | undefined): boolean {
  return timingSafeEqual(digestOf(secret), digestOf(header ?? ''))
}
