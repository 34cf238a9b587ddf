/** All that the admin API serves as objects. */
import type { Registry } from '@sluice/core/registry'
import { imageResources } from './image-resources.ts'
import { limitResources } from './limit-resources.ts'
import type { RegistryParts } from '@sluice/core/services/registry-parts'
import { podResources } from './pod-resources.ts'
import { projectResources } from './project-resources.ts'
import { rbacResources } from './rbac-resources.ts'
import type { Resource } from './resource.ts'
import { upstreamResources } from './upstream-resources.ts'
import { webhookResources } from './webhook-resources.ts'

/** `host`: where images are pulled from. */
export const resourcesOf = (
  registry: Registry,
  host: string,
  parts: RegistryParts | undefined,
): readonly Resource[] => [
  ...rbacResources(registry),
  ...projectResources(registry),
  ...imageResources(registry, host),
  ...upstreamResources(registry),
  ...podResources(parts),
  ...webhookResources(registry),
  ...limitResources(registry),
]
