import { challengeCode, type Challenge, MAX_EDGE_CODE_BYTES } from './challenge.ts'

const HANDLER = 'function handler(event)'

/**
 * The whole CloudFront Function: says whom the edge sees, whatever the client says, then challenges strangers. A header
 * of our own: CloudFront's (CloudFront-Viewer-Address) comes only together with the viewer's Host, which the gateway refuses.
 */
export function viewerRequestCode(challenge: Challenge): string {
  const challenging = challengeCode(challenge)
  if (!challenging.includes(HANDLER)) throw new Error('the challenge has no handler')
  const code = `${challenging.replace(HANDLER, 'function challenged(event)')}
${HANDLER} {
  event.request.headers['x-sluice-viewer'] = { value: event.viewer.ip };
  return challenged(event);
}
`
  const size = Buffer.byteLength(code)
  if (size > MAX_EDGE_CODE_BYTES) throw new Error(`the edge's code has ${size} bytes`)
  return code
}
