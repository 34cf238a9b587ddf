/** What somebody would do to what: the question that rules answer (Kubernetes' authorization attributes). */
export interface ResourceAttributes {
  readonly verb: string
  /** `''` is the core group. */
  readonly group: string
  readonly resource: string
  readonly subresource?: string
  /** The project; absent for what belongs to none, and for all projects at once. */
  readonly namespace?: string
  /** Absent where the request names no object. */
  readonly name?: string
}

export interface PathAttributes {
  readonly verb: string
  readonly path: string
}

export type Attributes = ResourceAttributes | PathAttributes

export const IMAGE_GROUP = 'image.openshift.io'
export const RBAC_GROUP = 'rbac.authorization.k8s.io'
export const PROJECT_GROUP = 'project.openshift.io'
