import type { UpstreamSettings } from '@sluice/core/upstream/upstream-settings'

/** Of an upstream on this machine; `more` is set over them. */
export const upstreamSettings = (
  url: string,
  more: Partial<UpstreamSettings> = {},
): UpstreamSettings => ({
  urls: [url],
  aliases: [],
  realmHosts: [],
  missPolicy: 'stream',
  tagAges: [],
  revalidate: 'first',
  staleIfError: 0,
  negativeAges: { tag: 30, digest: 600, refused: 30 },
  allow: [],
  deny: [],
  concurrency: 16,
  minimumTagAge: 0,
  evictAfter: 0,
  maxBytes: 0,
  insecure: url.startsWith('http:'),
  privateAddresses: true,
  ...more,
})
