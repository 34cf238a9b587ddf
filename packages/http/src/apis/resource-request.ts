import type { Identity } from '@sluice/core/ports/identity-provider'
import type { ApiPath } from './api-path.ts'
import type { Resource } from './resource.ts'

/** Somebody asks for something of a resource. */
export interface ResourceRequest {
  readonly resource: Resource
  readonly path: ApiPath
  readonly by: Identity
  readonly query: (name: string) => string | undefined
}
