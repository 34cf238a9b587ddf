/** What is assumed of a deployment, and which setting is to be looked at where it does not hold. */
const EDGE =
  'let clients come to `hostName` (infra/settings.ts): its DNS name must lead to what `sst deploy` prints as `edge`, not to the gateway, whose infra/edge.ts adds the challenge; on a machine of yours, nothing in between may drop WWW-Authenticate'
const PUBLIC =
  '`hostName` in infra/settings.ts (in a server: SLUICE_PUBLIC_URL) must be how clients reach the registry'
const UPLOADS =
  "set `uploadDoor: 'fargate'` (or 'web-function') in infra/settings.ts and deploy again; a proxy in between must pass bodies of any size, unbuffered; DENIED comes from the project's own limits: sluice describe limits"
const LENGTHS =
  'something in between counts a body that it drops: let clients come to `hostName` (infra/settings.ts), and no other proxy before it'
const STORE =
  'the bucket (`existingBucket` in infra/settings.ts, SLUICE_BUCKET) must take presigned URLs from anywhere: look at its policy and public-access block, at VPC endpoints, and that it is under no name of the registry'
const CLOCK = 'set the clock (NTP) of this machine, or of the one that serves'
const RIGHTS = 'bind registry-editor in the project to whoever asks: sluice policy add-role-to-user'

export const FIXES = {
  challenge: EDGE,
  'challenge-refused': EDGE,
  realm: PUBLIC,
  clock: CLOCK,
  authorization:
    'CloudFront must pass Authorization on (the origin request policy of infra/edge.ts), and the login must be good: sluice login',
  'upload-start': RIGHTS,
  'upload-location': PUBLIC,
  'upload-chunks': `the function must take requests of 4 MiB: no proxy in between may take less; else ${UPLOADS}`,
  'upload-20MB': UPLOADS,
  'upload-1GB': UPLOADS,
  'manifest-put': RIGHTS,
  'manifest-head': LENGTHS,
  'manifest-get': 'something in between changes bodies: it must not compress, nor rewrite them',
  'encoded-path':
    'something in between encodes paths twice: it must pass a path on as it was sent, or decoded once',
  errors:
    'something in between puts pages of its own in the place of the registry’s answers: CloudFront must have no custom error responses',
  'blob-head': LENGTHS,
  'blob-redirect': STORE,
  'blob-range': STORE,
  'link-lifetime':
    'the clock of whoever signs differs from that of the store, or its credentials end too soon: the role of the functions needs sessions of an hour',
  cleanup: 'remove what is left by hand: sluice delete is/<name> -n <project>',
} as const

export type ProbeName = keyof typeof FIXES
