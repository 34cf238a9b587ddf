/**
 * What the doors tell CloudWatch (`emf-lines.ts`), by one dimension, the door: each pair of the two is billed for the hours in which it was
 * told of, so there are few, and what did not happen is not told. `infra/` draws and watches them by these names.
 */
export const CLOUD_METRICS = {
  requests: { name: 'Requests', unit: 'Count' },
  /** Answers of 4xx but 401, with which every login begins, and 429. */
  clientErrors: { name: 'ClientErrors', unit: 'Count' },
  unauthorized: { name: 'Unauthorized', unit: 'Count' },
  throttled: { name: 'Throttled', unit: 'Count' },
  serverErrors: { name: 'ServerErrors', unit: 'Count' },
  latency: { name: 'Latency', unit: 'Milliseconds' },
  bytesIn: { name: 'BytesIn', unit: 'Bytes' },
  bytesOut: { name: 'BytesOut', unit: 'Bytes' },
  coldStarts: { name: 'ColdStarts', unit: 'Count' },
  cacheHits: { name: 'CacheHits', unit: 'Count' },
  cacheMisses: { name: 'CacheMisses', unit: 'Count' },
  cacheStale: { name: 'CacheStale', unit: 'Count' },
  upstreamErrors: { name: 'UpstreamErrors', unit: 'Count' },
  /** Of the upstream that has least left. */
  upstreamQuotaRemaining: { name: 'UpstreamQuotaRemaining', unit: 'Count' },
  storageErrors: { name: 'StorageErrors', unit: 'Count' },
} as const

export type CloudMetric = keyof typeof CLOUD_METRICS

/** The dimension; powertools gives it this name. */
export const DOOR_DIMENSION = 'service'
