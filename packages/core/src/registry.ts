/** The services of a registry, put together over the ports that a door gives. */
import type { BlobStore } from './ports/blob-store.ts'
import type { Clock } from './ports/clock.ts'
import type { PortableHashes } from './ports/portable-hashes.ts'
import type { Table } from './ports/table.ts'
import type { BindingContent, RoleContent } from './rbac/binding.ts'
import { DEFAULT_POLICY, type Policy } from './policy.ts'
import { Administrator } from './services/administrator.ts'
import { BlobLinks } from './services/blob-links.ts'
import { Blobs } from './services/blobs.ts'
import { Catalog } from './services/catalog.ts'
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
import { StoredObjects } from './services/stored-objects.ts'
import { Sweeper } from './services/sweeper.ts'
import { Tags } from './services/tags.ts'
import { Uploads } from './services/uploads.ts'

export interface RegistryPorts {
  readonly table: Table
  readonly store: BlobStore
  readonly clock: Clock
  /** For a store whose uploads cannot be read back. */
  readonly hashes?: PortableHashes
}

export interface Registry {
  readonly administrator: Administrator
  readonly blobs: Blobs
  readonly catalog: Catalog
  readonly clusterRoleBindings: ObjectCollection<BindingContent>
  readonly clusterRoles: ObjectCollection<RoleContent>
  readonly checker: Checker
  readonly images: Images
  readonly manifests: Manifests
  readonly projects: Projects
  readonly referrers: Referrers
  readonly repositories: Repositories
  readonly rights: Rights
  readonly roleBindings: ObjectCollection<BindingContent>
  readonly roles: ObjectCollection<RoleContent>
  readonly serviceAccounts: ObjectCollection<ServiceAccountContent>
  readonly sweeper: Sweeper
  readonly tags: Tags
  readonly uploads: Uploads
}

export function createRegistry(
  { table, store, clock, hashes }: RegistryPorts,
  settings: Partial<Policy> = {},
): Registry {
  const policy: Policy = { ...DEFAULT_POLICY, ...settings }
  const rights = new Rights(table, new RightsReader(table, clock, policy))
  const roleBindings = new StoredObjects(table, clock, bindingKind(rights, true))
  const serviceAccounts = new StoredObjects(table, clock, serviceAccountKind)
  const collections = { roleBindings, serviceAccounts }
  const projects = new Projects(table, clock, (project, owner) =>
    projectObjects(collections, project, owner),
  )
  const links = new BlobLinks(table, clock, policy)
  const counts = new ReferenceCounts(table, clock, policy)
  const puts = new ManifestPuts(table, store, counts, clock)
  const removals = new ManifestRemovals(table, counts, clock, policy)
  const manifests = new Manifests(table, store, puts, removals)
  const repositories = new Repositories(table, removals, clock)
  const clusterRoleBindings = new StoredObjects(table, clock, bindingKind(rights, false))
  return {
    administrator: new Administrator(table, clock, clusterRoleBindings),
    blobs: new Blobs(table, store, links, clock, policy),
    catalog: new Catalog(table),
    clusterRoleBindings,
    clusterRoles: new StoredObjects(table, clock, roleKind(rights, false)),
    checker: new Checker(table, store, clock, hashes),
    images: new Images(table, removals),
    manifests,
    projects,
    referrers: new Referrers(table, manifests),
    repositories,
    rights,
    roleBindings,
    roles: new StoredObjects(table, clock, roleKind(rights, true)),
    serviceAccounts,
    sweeper: new Sweeper(table, store, links, counts, repositories, clock, policy),
    tags: new Tags(table),
    uploads: new Uploads(table, store, links, projects, clock, policy, hashes),
  }
}
