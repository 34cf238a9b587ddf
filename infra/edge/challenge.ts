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
 * Authorization, as the registry would, and lets all else pass. Some clients (regctl, the conformance suite) ask for the
 * scope that the challenge names and no other.
 */
export function challengeCode(challenge: Challenge): string {
  const header = JSON.stringify(challengeHeader(challenge))
  return `${SCOPE_CODE}
function handler(event) {
  var request = event.request;
  var path = request.uri;
  if (path !== '/v2' && path.indexOf('/v2/') !== 0) return request;
  if (request.headers.authorization) return request;
  var scope = scopeOf(request.method, path);
  return {
    statusCode: 401,
    statusDescription: 'Unauthorized',
    headers: {
      'content-type': { value: 'application/json' },
      'docker-distribution-api-version': { value: 'registry/2.0' },
      'www-authenticate': { value: ${header} + (scope ? ',scope="' + scope + '"' : '') }
    },
    body: { encoding: 'text', data: ${JSON.stringify(BODY)} }
  };
}
`
}

/**
 * All that one token for the repository may be for, not only what this request needs: the registry's own challenge, which
 * would name what is missing, may not pass the gateway. The token carries what its owner may and no more. Nothing but
 * the characters of a name comes from the path.
 */
const SCOPE_CODE = `var NAME = '^/v2/([a-z0-9][a-z0-9._/-]*)/';
var UPLOADS = new RegExp(NAME + 'blobs/uploads(/[^/]*)?$');
var OTHERS = new RegExp(NAME + '(manifests/[^/]+|blobs/[^/]+|tags/list|referrers/[^/]+)$');
function scopeOf(method, path) {
  if (path === '/v2/_catalog') return 'registry:catalog:*';
  var found = UPLOADS.exec(path) || OTHERS.exec(path);
  if (!found) return '';
  return 'repository:' + found[1] + ':pull,push' + (method === 'DELETE' ? ',delete' : '');
}`

const BODY = JSON.stringify({
  errors: [{ code: 'UNAUTHORIZED', message: 'authentication required', detail: 'log in first' }],
})
