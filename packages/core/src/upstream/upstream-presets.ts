/** The registries that everybody pulls from, as every registry knows them until somebody changes or removes one. */
import type { UpstreamSettings } from './upstream-settings.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** What an upstream has where nobody says otherwise; without `urls`. */
export const UPSTREAM_DEFAULTS: Omit<UpstreamSettings, 'urls'> = {
  aliases: [],
  realmHosts: [],
  missPolicy: 'stream',
  tagAges: [
    { pattern: 'latest', seconds: 5 * MINUTE },
    { pattern: 'stable', seconds: 5 * MINUTE },
    { pattern: 'edge', seconds: 5 * MINUTE },
    { pattern: 'nightly', seconds: 5 * MINUTE },
    // Signatures and what else is tagged for a digest may come at any moment.
    { pattern: 'sha256-*', seconds: MINUTE },
    { pattern: '*.*.*', seconds: DAY },
    { pattern: '*', seconds: HOUR },
  ],
  revalidate: 'first',
  staleIfError: 30 * DAY,
  negativeAges: { tag: 30, digest: 10 * MINUTE, refused: 30 },
  allow: [],
  deny: [],
  concurrency: 16,
  minimumTagAge: 0,
  evictAfter: 90 * DAY,
  maxBytes: 0,
  insecure: false,
  privateAddresses: false,
}

export const UPSTREAM_PRESETS: Readonly<Record<string, UpstreamSettings>> = {
  'docker.io': {
    ...UPSTREAM_DEFAULTS,
    // https://docs.docker.com/docker-hub/usage/: a HEAD of a manifest is not counted, a GET is.
    urls: ['https://registry-1.docker.io'],
    aliases: ['index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com'],
    defaultPrefix: 'library',
    realmHosts: ['auth.docker.io'],
  },
  'quay.io': { ...UPSTREAM_DEFAULTS, urls: ['https://quay.io'] },
  'ghcr.io': { ...UPSTREAM_DEFAULTS, urls: ['https://ghcr.io'] },
  'registry.k8s.io': {
    ...UPSTREAM_DEFAULTS,
    urls: ['https://registry.k8s.io'],
    aliases: ['k8s.gcr.io'],
  },
  'gcr.io': { ...UPSTREAM_DEFAULTS, urls: ['https://gcr.io'] },
  'public.ecr.aws': { ...UPSTREAM_DEFAULTS, urls: ['https://public.ecr.aws'] },
  'mcr.microsoft.com': { ...UPSTREAM_DEFAULTS, urls: ['https://mcr.microsoft.com'] },
}
