/** The families of OpenShift's registry, letter by letter, as its dashboards and alerts ask for them. */
import { METRICS_FAMILIES } from '@sluice/core/metrics-families'
import { expect, it } from 'vitest'

const OPENSHIFT = {
  imageregistry_build_info: {
    type: 'gauge',
    help: "A metric with a constant '1' value labeled by major, minor, git commit & git version from which the image registry was built.",
    labels: ['gitCommit', 'gitVersion', 'major', 'minor'],
  },
  imageregistry_http_in_flight_requests: {
    type: 'gauge',
    help: 'A gauge of requests currently being served by the registry.',
    labels: [],
  },
  imageregistry_http_requests_total: {
    type: 'counter',
    help: 'A counter for requests to the registry.',
    labels: ['code', 'method'],
  },
  imageregistry_http_request_duration_seconds: {
    type: 'summary',
    help: 'A histogram of latencies for requests to the registry.',
    labels: ['method'],
  },
  imageregistry_http_request_size_bytes: {
    type: 'summary',
    help: 'A histogram of sizes of requests to the registry.',
    labels: [],
  },
  imageregistry_http_response_size_bytes: {
    type: 'summary',
    help: 'A histogram of response sizes for requests to the registry.',
    labels: [],
  },
  // OpenShift's observes it and forgets to register it.
  imageregistry_http_time_to_write_header_seconds: {
    type: 'summary',
    help: 'A histogram of request durations until the response headers are written.',
    labels: [],
  },
  imageregistry_request_duration_seconds: {
    type: 'summary',
    help: 'Request latency in seconds for each operation.',
    labels: ['operation'],
  },
  imageregistry_storage_duration_seconds: {
    type: 'summary',
    help: 'Latency of operations with the storage.',
    labels: ['operation'],
  },
  imageregistry_storage_errors_total: {
    type: 'counter',
    help: 'Cumulative number of failed operations with the storage.',
    labels: ['code', 'operation'],
  },
  imageregistry_digest_cache_requests_total: {
    type: 'counter',
    help: 'Total number of requests without scope to the digest cache.',
    labels: ['type'],
  },
  imageregistry_digest_cache_scoped_requests_total: {
    type: 'counter',
    help: 'Total number of scoped requests to the digest cache.',
    labels: ['type'],
  },
  imageregistry_pullthrough_blobstore_cache_requests_total: {
    type: 'counter',
    help: 'Total number of requests to the BlobStore cache.',
    labels: ['type'],
  },
  imageregistry_pullthrough_repository_duration_seconds: {
    type: 'summary',
    help: 'Latency of operations with remote registries in seconds.',
    labels: ['operation', 'registry'],
  },
  imageregistry_pullthrough_repository_errors_total: {
    type: 'counter',
    help: 'Cumulative number of failed operations with remote registries.',
    labels: ['code', 'operation', 'registry'],
  },
}

it('all are there, and no other of their prefix', () => {
  const told = Object.entries(METRICS_FAMILIES)
    .filter(([name]) => name.startsWith('imageregistry_'))
    .map(([name, { type, help, labels }]) => [name, { type, help, labels }])
  expect(Object.fromEntries(told)).toEqual(OPENSHIFT)
})
