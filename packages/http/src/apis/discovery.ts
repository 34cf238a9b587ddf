/** What the admin API has, as clients ask it. https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api */
import { apiVersionOf, type Resource } from './resource.ts'

/** A resource that only answers: reviews, requests, tokens. */
export interface Answering {
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly kind: string
  readonly namespaced: boolean
  readonly verbs: readonly string[]
}

type Described = Answering | Resource

const described = (one: Described) => ({
  name: one.plural,
  singularName: 'singular' in one ? one.singular : '',
  namespaced: one.namespaced,
  kind: one.kind,
  verbs: one.verbs,
  ...('shortNames' in one && one.shortNames ? { shortNames: one.shortNames } : {}),
})

export function discovery(path: string, all: readonly Described[]): object | undefined {
  if (path === '/api')
    return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] }
  if (path === '/apis') {
    const groups = [
      ...new Set(all.map(({ group }) => group).filter((group) => group !== '')),
    ].toSorted()
    return {
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: groups.map((group) => groupOf(group, all)),
    }
  }
  const one = /^\/apis\/([^/]+)$/.exec(path)
  if (one) {
    const [, group = ''] = one
    return all.some((resource) => resource.group === group)
      ? { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group, all) }
      : undefined
  }
  const list = path === '/api/v1' ? 'v1' : /^\/apis\/([^/]+\/[^/]+)$/.exec(path)?.[1]
  const resources = all.filter((resource) => apiVersionOf(resource) === list)
  if (list === undefined || resources.length === 0) return undefined
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: list,
    resources: resources.map(described),
  }
}

function groupOf(group: string, all: readonly Described[]) {
  const names = new Set(all.filter((one) => one.group === group).map(({ version }) => version))
  const versions = [...names].map((version) => ({ groupVersion: `${group}/${version}`, version }))
  return { name: group, versions, preferredVersion: versions[0] }
}
