/** The services of a registry, put together over the ports that a door gives. */
import type { BlobStore } from './ports/blob-store.ts'
import type { Clock } from './ports/clock.ts'
import type { Metrics } from './ports/metrics.ts'
import type { PortableHashes } from './ports/portable-hashes.ts'
import type { Table } from './ports/table.ts'
import type { Tracer } from './ports/tracer.ts'
import { tracedDialer } from './services/traced-dialer.ts'
import { tracedPort } from './services/traced-port.ts'
import type { LimitRangeContent } from './limits/limit-range.ts'
import type { ResourceQuotaContent } from './limits/resource-quota.ts'
import { ImageCounts } from './observed/image-counts.ts'
import { ObservedBlobStore } from './observed/observed-blob-store.ts'
import { observedDialer } from './observed/observed-dialer.ts'
import { observedServices } from './observed/observed-services.ts'
import { ObservedTable } from './observed/observed-table.ts'
import type { BindingContent, RoleContent } from './rbac/binding.ts'
import { DEFAULT_POLICY, type Policy } from './policy.ts'
import { Activities, type Audit } from './services/activities.ts'
import { Administrator } from './services/administrator.ts'
import { BlobLinks } from './services/blob-links.ts'
import { Blobs } from './services/blobs.ts'
import { BlobFills } from './services/blob-fills.ts'
import { CachedImages } from './services/cached-images.ts'
import { CachedBlobs } from './services/cached-blobs.ts'
import { CachedLists } from './services/cached-lists.ts'
import { CachedManifests } from './services/cached-manifests.ts'
import { CachedTags } from './services/cached-tags.ts'
import { Caches } from './services/caches.ts'
import type { CircuitTold } from './services/circuit.ts'
import { Evictions } from './services/evictions.ts'
import { FillJob } from './services/fill-job.ts'
import { FillLeases } from './services/fill-leases.ts'
import { Imports } from './services/imports.ts'
import { limitRangeKind, resourceQuotaKind } from './services/limit-kinds.ts'
import { Limits } from './services/limits.ts'
import { Leases } from './services/leases.ts'
import { Prefetch } from './services/prefetch.ts'
import { Pulls } from './services/pulls.ts'
import { TableTokens } from './services/table-tokens.ts'
import { upstreamKind } from './services/upstream-kind.ts'
import { UpstreamObjects } from './services/upstream-objects.ts'
import { UpstreamLists } from './services/upstream-lists.ts'
import type { Queue } from './ports/queue.ts'
import type { SharedTokens } from './ports/shared-tokens.ts'
import type { UpstreamDialer } from './ports/upstream.ts'
import { Catalog } from './services/catalog.ts'
import { deadLetterKind, type DeadLetter } from './services/dead-letter-kind.ts'
import { Deliveries, type Courier } from './services/deliveries.ts'
import { Events, type EventsOptions } from './services/events.ts'
import { webhookKind } from './services/webhook-kind.ts'
import type { WebhookSettings } from './webhook/webhook-settings.ts'
import { Checker } from './services/checker.ts'
import { ManifestPuts } from './services/manifest-puts.ts'
import { ManifestRemovals } from './services/manifest-removals.ts'
import { Manifests } from './services/manifests.ts'
import { Projects } from './services/projects.ts'
import { ReferenceCounts } from './services/reference-counts.ts'
import { Referrers } from './services/referrers.ts'
import { Images } from './services/images.ts'
import { Repositories } from './services/repositories.ts'
import type { ObjectCollection } from './services/object-collection.ts'
import { projectObjects } from './services/project-objects.ts'
import { bindingKind, roleKind } from './services/rights-kinds.ts'
import { RightsReader } from './services/rights-reader.ts'
import { Rights } from './services/rights.ts'
import { serviceAccountKind, type ServiceAccountContent } from './services/service-account-kind.ts'
import { StorageUsage } from './services/storage-usage.ts'
import { StoredObjects } from './services/stored-objects.ts'
import { Sweeper } from './services/sweeper.ts'
import { transacting } from './services/transacting.ts'
import { Tags } from './services/tags.ts'
import { Uploads } from './services/uploads.ts'

export interface EventPorts extends EventsOptions {
  /** Of a process that delivers them. */
  readonly courier?: Courier
}

export interface RegistryPorts {
  readonly table: Table
  readonly store: BlobStore
  readonly clock: Clock
  /** For a door that measures what it does. */
  readonly metrics?: Metrics
  /** Told how long each call of table, store and upstreams takes. */
  readonly tracer?: Tracer
  /** For a store whose uploads cannot be read back. */
  readonly hashes?: PortableHashes
  /** Told of what is done. */
  readonly audit?: Audit
  /** For a registry that tells others of it. */
  readonly events?: EventPorts
  /** For a door that reads through other registries. */
  readonly upstreams?: {
    /** `tokens`: of its upstreams, shared by all processes. */
    readonly dialer: (tokens: SharedTokens) => UpstreamDialer
    /** What the registry calls itself to them (`CachesOptions.pseudonym`). */
    readonly pseudonym: string
    /** The upstream whose repositories are found at the root as well. */
    readonly root?: string
    /** Of upstreams that fail, and of those that do no longer. */
    readonly told?: CircuitTold
    /** Where others bring the blobs: of a door that cannot stream, and is frozen after its answer. */
    readonly jobs?: Queue
    /** Of bytes that clients had, and that could not be stored. */
    readonly onUnkept?: (error: unknown) => void
  }
}

export interface Registry {
  readonly activities: Activities
  readonly administrator: Administrator
  readonly blobs: Blobs
  readonly cachedImages: CachedImages
  /** `undefined`: this door reads through nothing. */
  readonly caches: Caches | undefined
  readonly catalog: Catalog
  readonly clusterRoleBindings: ObjectCollection<BindingContent>
  readonly clusterRoles: ObjectCollection<RoleContent>
  readonly checker: Checker
  readonly deadLetters: ObjectCollection<DeadLetter>
  /** `undefined`: this registry sends no events. */
  readonly deliveries: Deliveries | undefined
  /** `undefined`: this door reads through nothing. */
  readonly fillJob: FillJob | undefined
  readonly fills: BlobFills
  readonly evictions: Evictions
  readonly images: Images
  /** `undefined`: this door reads through nothing. */
  readonly imports: Imports | undefined
  readonly limitRanges: ObjectCollection<LimitRangeContent>
  readonly limits: Limits
  readonly manifests: Manifests
  readonly projects: Projects
  readonly pulls: Pulls
  readonly referrers: Referrers
  readonly repositories: Repositories
  readonly resourceQuotas: ObjectCollection<ResourceQuotaContent>
  readonly rights: Rights
  readonly roleBindings: ObjectCollection<BindingContent>
  readonly roles: ObjectCollection<RoleContent>
  readonly serviceAccounts: ObjectCollection<ServiceAccountContent>
  readonly storageUsage: StorageUsage
  readonly sweeper: Sweeper
  readonly tags: Tags
  readonly uploads: Uploads
  readonly upstreams: UpstreamObjects
  readonly webhooks: ObjectCollection<WebhookSettings>
}

const ADMITTED = { admit: async () => undefined }

export function createRegistry(
  { clock, hashes, audit, events, upstreams: reading, metrics, tracer, ...whole }: RegistryPorts,
  settings: Partial<Policy> = {},
): Registry {
  const engines = tracer
    ? {
        table: tracedPort(whole.table, 'Table', tracer),
        store: tracedPort(whole.store, 'BlobStore', tracer),
      }
    : whole
  const table = metrics ? new ObservedTable(engines.table, metrics) : engines.table
  const store = metrics ? new ObservedBlobStore(engines.store, metrics) : engines.store
  const imageCounts = metrics && new ImageCounts(metrics)
  const policy: Policy = { ...DEFAULT_POLICY, ...settings }
  const rights = new Rights(table, new RightsReader(table, clock, policy))
  const roleBindings = new StoredObjects(table, clock, bindingKind(rights, true))
  const serviceAccounts = new StoredObjects(table, clock, serviceAccountKind)
  const collections = { roleBindings, serviceAccounts }
  const projects = new Projects(table, clock, (project, owner, shared) =>
    projectObjects(collections, project, owner, shared),
  )
  const links = new BlobLinks(table, clock, policy)
  const counts = new ReferenceCounts(table, clock, policy)
  const limits = new Limits(table, clock)
  const puts = new ManifestPuts(table, store, links, counts, limits, clock)
  const freeing = transacting(table, { frees: true })
  const freeingCounts = new ReferenceCounts(freeing, clock, policy)
  const removals = new ManifestRemovals(freeing, freeingCounts, clock, policy)
  const manifests = new Manifests(table, store, puts, removals)
  const blobs = new Blobs(table, store, links, clock, policy)
  const tags = new Tags(table)
  const referrers = new Referrers(table, manifests)
  const upstreams = new UpstreamObjects(
    new StoredObjects(table, clock, upstreamKind),
    projects,
    roleBindings,
  )
  // Worth nothing without their process, or to be had again.
  const passing = transacting(table, { lazy: true })
  const leases = new Leases(passing, clock, policy, (name) => imageCounts?.waited(name))
  const tokens = new TableTokens(passing, leases, clock)
  const catalog = new Catalog(table)
  const caches =
    reading &&
    new Caches(upstreams, projects, clock, {
      dialer: observedDialer(
        tracer ? tracedDialer(reading.dialer(tokens), tracer) : reading.dialer(tokens),
        metrics,
      ),
      pseudonym: reading.pseudonym,
      catalog,
      rootUpstream: reading.root,
      told: reading.told,
    })
  // What a fill brings is no push: its project takes none.
  const fillUploads = new Uploads(table, store, links, ADMITTED, clock, policy, hashes, passing)
  const fillLeases = new FillLeases(passing, clock, policy, fillUploads)
  const fills = new BlobFills(blobs, links, fillLeases, fillUploads, {
    counts: imageCounts,
    onUnkept: reading?.onUnkept,
  })
  const cachedManifests = new CachedManifests(manifests, new CachedTags(table), leases, clock, {
    freezes: reading?.jobs !== undefined,
  })
  const cachedBlobs = new CachedBlobs(
    { blobs, store, links, fills, leases: fillLeases, jobs: reading?.jobs },
    clock,
  )
  const pulls = new Pulls({ manifests, blobs, tags, referrers }, clock, {
    caches,
    manifests: cachedManifests,
    blobs: cachedBlobs,
    lists: new CachedLists(tags, referrers, new UpstreamLists(clock)),
    counts: imageCounts,
  })
  const repositories = new Repositories(freeing, removals, clock)
  const webhooks = new StoredObjects(table, clock, webhookKind(events !== undefined))
  const deadLetters = new StoredObjects(table, clock, deadLetterKind)
  const clusterRoleBindings = new StoredObjects(table, clock, bindingKind(rights, false))
  const sweeper = new Sweeper(freeing, store, links, freeingCounts, repositories, clock, policy)
  const uploads = new Uploads(table, store, links, projects, clock, policy, hashes)
  const served = { blobs, manifests, pulls, sweeper, tags, uploads }
  return {
    ...observedServices(served, metrics),
    activities: new Activities(clock, audit, events && new Events(webhooks, clock, events)),
    administrator: new Administrator(table, clock, clusterRoleBindings),
    cachedImages: new CachedImages({
      caches,
      cachedManifests,
      manifests,
      tags,
      repositories,
      projects,
      upstreams,
      prefetch: new Prefetch(pulls, manifests, blobs, cachedBlobs, fillLeases),
    }),
    caches,
    catalog,
    clusterRoleBindings,
    clusterRoles: new StoredObjects(table, clock, roleKind(rights, false)),
    checker: new Checker(table, store, clock, hashes),
    deadLetters,
    deliveries:
      events && new Deliveries(webhooks, deadLetters, events.queue, clock, events.courier),
    fillJob: caches && new FillJob(caches, blobs, fills, fillLeases),
    fills,
    evictions: new Evictions(table, { projects, upstreams, manifests, removals }, clock),
    images: new Images(table, removals),
    imports: caches && new Imports(caches, cachedManifests, rights),
    limitRanges: new StoredObjects(table, clock, limitRangeKind),
    limits,
    projects,
    referrers,
    repositories,
    resourceQuotas: new StoredObjects(table, clock, resourceQuotaKind),
    rights,
    roleBindings,
    roles: new StoredObjects(table, clock, roleKind(rights, true)),
    serviceAccounts,
    storageUsage: new StorageUsage(table, projects, metrics),
    upstreams,
    webhooks,
  }
}
