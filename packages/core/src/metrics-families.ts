/**
 * Every metric that there is. Those of `imageregistry_` are OpenShift's registry's, to the letter of their help texts; those of
 * `process_` are what every process tells Prometheus, and the others this registry's own. Labels stand in the order of the
 * alphabet, as they are written.
 */

export interface MetricsFamily {
  readonly type: 'counter' | 'gauge' | 'summary'
  readonly help: string
  readonly labels: readonly string[]
  /**
   * Of a gauge, what it is over several threads or processes: the sum of what each has now, or what was said `last`, as
   * of a thing that all look at.
   */
  readonly over?: 'sum' | 'last'
}

const counter = <const L extends readonly string[]>(help: string, ...labels: L) =>
  ({ type: 'counter', help, labels }) as const
const summary = <const L extends readonly string[]>(help: string, ...labels: L) =>
  ({ type: 'summary', help, labels }) as const
const sum = <const L extends readonly string[]>(help: string, ...labels: L) =>
  ({ type: 'gauge', over: 'sum', help, labels }) as const
const last = <const L extends readonly string[]>(help: string, ...labels: L) =>
  ({ type: 'gauge', over: 'last', help, labels }) as const

export const METRICS_FAMILIES = {
  imageregistry_build_info: last(
    "A metric with a constant '1' value labeled by major, minor, git commit & git version from which the image registry was built.",
    'gitCommit',
    'gitVersion',
    'major',
    'minor',
  ),
  imageregistry_digest_cache_requests_total: counter(
    'Total number of requests without scope to the digest cache.',
    'type',
  ),
  imageregistry_digest_cache_scoped_requests_total: counter(
    'Total number of scoped requests to the digest cache.',
    'type',
  ),
  imageregistry_http_in_flight_requests: sum(
    'A gauge of requests currently being served by the registry.',
  ),
  imageregistry_http_request_duration_seconds: summary(
    'A histogram of latencies for requests to the registry.',
    'method',
  ),
  imageregistry_http_request_size_bytes: summary(
    'A histogram of sizes of requests to the registry.',
  ),
  imageregistry_http_requests_total: counter(
    'A counter for requests to the registry.',
    'code',
    'method',
  ),
  imageregistry_http_response_size_bytes: summary(
    'A histogram of response sizes for requests to the registry.',
  ),
  imageregistry_http_time_to_write_header_seconds: summary(
    'A histogram of request durations until the response headers are written.',
  ),
  imageregistry_pullthrough_blobstore_cache_requests_total: counter(
    'Total number of requests to the BlobStore cache.',
    'type',
  ),
  imageregistry_pullthrough_repository_duration_seconds: summary(
    'Latency of operations with remote registries in seconds.',
    'operation',
    'registry',
  ),
  imageregistry_pullthrough_repository_errors_total: counter(
    'Cumulative number of failed operations with remote registries.',
    'code',
    'operation',
    'registry',
  ),
  imageregistry_request_duration_seconds: summary(
    'Request latency in seconds for each operation.',
    'operation',
  ),
  imageregistry_storage_duration_seconds: summary(
    'Latency of operations with the storage.',
    'operation',
  ),
  imageregistry_storage_errors_total: counter(
    'Cumulative number of failed operations with the storage.',
    'code',
    'operation',
  ),
  process_cpu_seconds_total: counter('Total user and system CPU time spent in seconds.'),
  process_resident_memory_bytes: last('Resident memory size in bytes.'),
  process_start_time_seconds: last('Start time of the process since unix epoch in seconds.'),
  sluice_cache_bytes_total: counter(
    'Bytes of images of other registries, by where they came from: here (cache) or there (upstream).',
    'from',
    'upstream',
  ),
  sluice_cache_requests_total: counter(
    'Requests for images of other registries: kept here (hit), fetched (miss), or old, as the upstream did not answer (stale).',
    'resource',
    'result',
    'upstream',
  ),
  sluice_coalesced_requests_total: counter(
    'Requests that waited for what another one was fetching already.',
    'resource',
    'upstream',
  ),
  sluice_engine_calls_total: counter(
    'Calls to what keeps records and blobs; in the cloud each is one of DynamoDB or S3.',
    'call',
  ),
  sluice_engine_records_total: counter(
    'Records read or written by those calls to the table.',
    'call',
  ),
  sluice_pulls_total: counter('Manifests given to clients.', 'project'),
  sluice_pushes_total: counter('Manifests stored for clients.', 'project'),
  sluice_queue_jobs: last('Jobs that wait to be done.', 'queue'),
  sluice_storage_bytes: last(
    'Bytes of the blobs and manifests that a project holds, each counted once in a project.',
    'project',
  ),
  sluice_sweep_backlog: last('Pieces of sweeping that are due and not done.'),
  sluice_sweep_failures_total: counter('Pieces of sweeping that failed; each is tried again.'),
  sluice_sweep_removed_bytes_total: counter('Bytes of the blobs that the sweeper removed.'),
  sluice_sweep_removed_total: counter('What the sweeper removed.', 'kind'),
  sluice_sweep_runs_total: counter('Runs of the sweeper, by how they ended.', 'result'),
  sluice_upstream_quota_remaining: last(
    'Pulls that an upstream still allowed when it last said so.',
    'upstream',
  ),
} as const satisfies Record<string, MetricsFamily>

type Families = typeof METRICS_FAMILIES

export type FamilyName = keyof Families

export type NameOf<T extends MetricsFamily['type']> = {
  [N in FamilyName]: Families[N] extends { readonly type: T } ? N : never
}[FamilyName]

/** A value for each label of the family. */
export type LabelsOf<N extends FamilyName> = {
  readonly [L in Families[N]['labels'][number]]: string
}
