/** Objects of the admin API as tests send and read them. */
import { expect } from 'vitest'
import { json, type Answer } from '../answer.ts'

export const RBAC = '/apis/rbac.authorization.k8s.io/v1'
export const ROLES = `${RBAC}/namespaces/default/roles`
export const BINDINGS = `${RBAC}/namespaces/default/rolebindings`
export const CLUSTER_ROLES = `${RBAC}/clusterroles`
export const PROJECTS = '/apis/project.openshift.io/v1/projects'
export const JSON_TYPE = { 'Content-Type': 'application/json' }

export interface Wire {
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly uid: string
    readonly resourceVersion: string
    readonly continue?: string
    readonly labels?: Readonly<Record<string, string>>
  }
  readonly items: readonly Wire[]
  readonly rules: unknown
  readonly subjects: unknown
  readonly status: unknown
  readonly [field: string]: unknown
}

export const wire = (answer: Answer): Wire => json(answer) as Wire

export const role = (name: string, more: object = {}) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata: { name },
  rules: [
    { apiGroups: ['image.openshift.io'], resources: ['imagestreams/layers'], verbs: ['get'] },
  ],
  ...more,
})

export const binding = (name: string, to: string, ...users: string[]) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  metadata: { name },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: to },
  subjects: users.map((user) => ({
    apiGroup: 'rbac.authorization.k8s.io',
    kind: 'User',
    name: user,
  })),
})

export function expectStatus(
  answer: Answer,
  code: number,
  reason: string,
  message: string | RegExp,
): Wire {
  const status = wire(answer)
  const kind = { kind: 'Status', apiVersion: 'v1', status: 'Failure' }
  expect(status).toMatchObject({ ...kind, code, reason })
  expect(status['message']).toMatch(message)
  expect(answer.status).toBe(code)
  return status
}
