/** The registries that this one reads through, as the admin API serves them. */
import type { Registry } from '@sluice/core/registry'
import { SLUICE_GROUP } from '@sluice/core/services/upstream-kind'
import { collectionStore } from './collection-store.ts'
import { AGE, NAME } from './columns.ts'
import { EVERY_VERB } from './every-verb.ts'
import type { Resource } from './resource.ts'
import { upstreamForm } from './upstream-form.ts'
import { UPSTREAM } from './upstream-schema.ts'
import { listOf, membersOf, shownText } from './wire-object.ts'

export const upstreamResources = ({ upstreams }: Registry): readonly Resource[] => [
  {
    group: SLUICE_GROUP,
    version: 'v1',
    kind: 'Upstream',
    plural: 'upstreams',
    singular: 'upstream',
    namespaced: false,
    verbs: EVERY_VERB,
    columns: [
      NAME,
      {
        name: 'URL',
        cell: ({ spec }) => shownText(listOf(membersOf(spec, 'spec')['urls'], 'urls')[0]),
      },
      { name: 'On a miss', cell: ({ spec }) => shownText(membersOf(spec, 'spec')['missPolicy']) },
      AGE,
    ],
    schema: UPSTREAM,
    store: collectionStore(upstreams, upstreamForm),
  },
]
