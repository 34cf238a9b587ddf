/**
 * What is believed of CloudFront, an HTTP API and Lambda, one switch for each. The defaults are what AWS documents or
 * what was seen in the field; where sources disagree, both answers can be had, and the registry must live with both.
 */
export interface GatewayRules {
  // Lambda. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html

  /** Environments at once; each serves one request at a time. One more request is throttled. */
  readonly maxEnvironments: number
  /** Which idle environment goes on: `oldest` meets every stale cache. */
  readonly reuse: 'latest' | 'oldest'
  /** Stops an environment (SIGSTOP) from the moment that it asks for more until there is more. */
  readonly freezes: boolean
  /** After so many invocations an environment is gone, and the next is cold. */
  readonly invocationsPerEnvironment: number
  /** The function's own time-out, after which its environment is killed. */
  readonly functionTimeoutMs: number
  readonly memoryMb: number
  /** Bytes of JSON, base64 and all. */
  readonly maxEventBytes: number
  readonly maxResultBytes: number

  // HTTP API. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html

  readonly integrationTimeoutMs: number
  readonly maxBodyBytes: number
  /** Of request line and headers, those that CloudFront added too. */
  readonly maxHeadBytes: number
  readonly headTooLargeStatus: 431 | 400
  /** `rawPath` is percent-decoded. */
  readonly decodesPath: boolean
  /** And ends at a `?` that was a `%3F`. */
  readonly cutsPathAtQuestionMark: boolean
  readonly collapsesSlashes: boolean
  /** Bodies of `...+json` are text, as those of `application/json` are; else base64. */
  readonly plusJsonIsText: boolean
  /** `mapped`: a parameter mapping writes the static challenge over whatever a 401 says. */
  readonly wwwAuthenticate: 'renamed' | 'kept' | 'mapped'
  /** Content-Length of an answer to HEAD: of the body that is dropped, or what the function says. */
  readonly headLength: 'recomputed' | 'kept'
  /** Response headers that never arrive. */
  readonly reservedHeaders: readonly string[]
  /** What an answer without Content-Type gets; none where empty. */
  readonly defaultContentType: string
  /** When Lambda has no environment for a request. */
  readonly throttledStatus: 503 | 500 | 429
  /** When the function throws, dies, or answers too much. */
  readonly failedStatus: 500 | 502
  readonly forwardedProto: 'https' | 'http'

  // CloudFront

  /** The client's Host instead of the origin's. */
  readonly forwardsHost: boolean
  /** The edge function (viewer request): says whom it saw, and answers strangers itself. */
  readonly edgeFunction: boolean
  /** A response-headers policy that adds the static challenge where there is none (override off). */
  readonly challengePolicy: boolean
  readonly refusesGetWithBody: boolean
  /** The upload door's answer is read only when the whole body was forwarded (a Web Function; Fargate is not so). */
  readonly uploadHalfDuplex: boolean
}

export const DEFAULT_RULES: GatewayRules = {
  maxEnvironments: 10,
  reuse: 'latest',
  freezes: true,
  invocationsPerEnvironment: Infinity,
  functionTimeoutMs: 30_000,
  memoryMb: 512,
  maxEventBytes: 6_291_456,
  maxResultBytes: 6_291_556,

  integrationTimeoutMs: 30_000,
  maxBodyBytes: 10 * 1024 * 1024,
  maxHeadBytes: 10_240,
  headTooLargeStatus: 431,
  decodesPath: true,
  cutsPathAtQuestionMark: true,
  collapsesSlashes: true,
  plusJsonIsText: false,
  wwwAuthenticate: 'renamed',
  headLength: 'recomputed',
  reservedHeaders: [
    'connection',
    'keep-alive',
    'proxy-authenticate',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
    'via',
  ],
  defaultContentType: 'text/plain;charset=UTF-8',
  throttledStatus: 503,
  failedStatus: 500,
  forwardedProto: 'https',

  forwardsHost: false,
  edgeFunction: true,
  challengePolicy: true,
  refusesGetWithBody: true,
  uploadHalfDuplex: true,
}

export const gatewayRules = (changed: Partial<GatewayRules> = {}): GatewayRules => ({
  ...DEFAULT_RULES,
  ...changed,
})
