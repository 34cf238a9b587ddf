import { challengeCode, type Challenge, MAX_EDGE_CODE_BYTES } from './challenge.ts'

const HANDLER = 'function handler(event)'

/**
 * The whole CloudFront Function: says whom the edge sees, then challenges strangers. CloudFront adds its own header of that
 * name only together with the viewer's Host, which the gateway refuses; and unless it is set here, a client could set it.
 * The port is unknown here, and 0.
 */
export function viewerRequestCode(challenge: Challenge): string {
  const challenging = challengeCode(challenge)
  if (!challenging.includes(HANDLER)) throw new Error('the challenge has no handler')
  const code = `${challenging.replace(HANDLER, 'function challenged(event)')}
${HANDLER} {
  event.request.headers['cloudfront-viewer-address'] = { value: event.viewer.ip + ':0' };
  return challenged(event);
}
`
  const size = Buffer.byteLength(code)
  if (size > MAX_EDGE_CODE_BYTES) throw new Error(`the edge's code has ${size} bytes`)
  return code
}
