/** Limits and quotas as the admin API serves them. */
import type { Registry } from '@sluice/core/registry'
import { STREAMS } from '@sluice/core/limits/resource-quota'
import { collectionStore } from './collection-store.ts'
import { AGE, CREATED, NAME } from './columns.ts'
import { EVERY_VERB } from './every-verb.ts'
import { limitRangeForm, resourceQuotaForm } from './limit-forms.ts'
import { LIMIT_RANGE, RESOURCE_QUOTA } from './limit-schemas.ts'
import type { Resource, ResourceStore } from './resource.ts'
import { membersOf, shownText, type Members, type WireObject } from './wire-object.ts'

export const limitResources = (registry: Registry): readonly Resource[] => [
  {
    group: '',
    version: 'v1',
    kind: 'LimitRange',
    plural: 'limitranges',
    singular: 'limitrange',
    shortNames: ['limits'],
    namespaced: true,
    verbs: EVERY_VERB,
    columns: [NAME, CREATED],
    schema: LIMIT_RANGE,
    store: collectionStore(registry.limitRanges, limitRangeForm),
  },
  {
    group: '',
    version: 'v1',
    kind: 'ResourceQuota',
    plural: 'resourcequotas',
    singular: 'resourcequota',
    shortNames: ['quota'],
    namespaced: true,
    verbs: EVERY_VERB,
    columns: [NAME, { name: 'Request', cell: usedOfHard }, { name: 'Limit', cell: () => '' }, AGE],
    schema: RESOURCE_QUOTA,
    store: withStatus(collectionStore(registry.resourceQuotas, resourceQuotaForm), registry),
  },
]

function usedOfHard({ status }: WireObject): string {
  const { hard, used } = membersOf(status, 'status')
  const limits = Object.entries(membersOf(hard, 'status.hard'))
  const usage = membersOf(used, 'status.used')
  return limits
    .map(([name, text]) => `${name}: ${shownText(usage[name])}/${shownText(text)}`)
    .join(', ')
}

/** What is used is counted when it is asked for, by the same count that lets pushes in. */
function withStatus(store: ResourceStore, { limits }: Registry): ResourceStore {
  const { get, list, create, replace, remove } = store
  const used = async (namespace: string | undefined, objects: readonly WireObject[]) => {
    if (objects.length === 0) return objects
    const streams = String(await limits.streams(namespace ?? ''))
    return objects.map((object): WireObject => {
      const hard = membersOf(membersOf(object['spec'], 'spec')['hard'], 'spec.hard')
      const used: Members = Object.hasOwn(hard, STREAMS) ? { [STREAMS]: streams } : {}
      return { ...object, status: { hard, used } }
    })
  }
  const one = async (namespace: string | undefined, object: WireObject): Promise<WireObject> =>
    (await used(namespace, [object]))[0]!
  return {
    get: async (namespace, name, by) => {
      const object = await get(namespace, name, by)
      return object && one(namespace, object)
    },
    ...(list && {
      list: async (namespace, page, by) => {
        const { items, ...more } = await list(namespace, page, by)
        return { items: await used(namespace, items), ...more }
      },
    }),
    ...(create && {
      create: async (change, object) => one(change.namespace, await create(change, object)),
    }),
    ...(replace && {
      replace: async (change, object) => one(change.namespace, await replace(change, object)),
    }),
    ...(remove && { remove }),
  }
}
