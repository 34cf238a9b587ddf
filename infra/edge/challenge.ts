/**
 * The challenge at the edge. In front of a function stands a gateway that may rename WWW-Authenticate, without which no
 * client can log in: so CloudFront answers a stranger itself, and adds the static challenge to whatever else goes out.
 */
export interface Challenge {
  /** Where tokens are issued: `https://host/token`. */
  readonly realm: string
  readonly service: string
}

/** A CloudFront Function may have 10 KB. */
export const MAX_EDGE_CODE_BYTES = 10_240

/** The value of WWW-Authenticate, for a response-headers policy (at most 1,783 characters there). Throws for a quote. */
export function challengeHeader({ realm, service }: Challenge): string {
  for (const text of [realm, service]) {
    if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(text)) {
      throw new Error(`a challenge cannot name ${JSON.stringify(text)}`)
    }
  }
  return `Bearer realm="${realm}",service="${service}"`
}

/**
 * The source of a CloudFront Function (cloudfront-js-2.0, viewer request): answers 401 to whoever asks under /v2 without
 * Authorization, as the registry would, and lets all else pass. Its answer names no scope: clients compute their own.
 */
export function challengeCode(challenge: Challenge): string {
  const header = JSON.stringify(challengeHeader(challenge))
  return `function handler(event) {
  var request = event.request;
  var path = request.uri;
  if (path !== '/v2' && path.indexOf('/v2/') !== 0) return request;
  if (request.headers.authorization) return request;
  return {
    statusCode: 401,
    statusDescription: 'Unauthorized',
    headers: {
      'content-type': { value: 'application/json' },
      'docker-distribution-api-version': { value: 'registry/2.0' },
      'www-authenticate': { value: ${header} }
    },
    body: { encoding: 'text', data: ${JSON.stringify(BODY)} }
  };
}
`
}

const BODY = JSON.stringify({
  errors: [{ code: 'UNAUTHORIZED', message: 'authentication required', detail: 'log in first' }],
})
