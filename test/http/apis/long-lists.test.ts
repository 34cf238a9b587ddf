/** A list that is asked for whole, however long it is. */
import { ResourceLists } from '@sluice/http/apis/resource-lists'
import type { Resource } from '@sluice/http/apis/resource'
import { ANYTHING } from '@sluice/http/apis/schema'
import type { WireObject } from '@sluice/http/apis/wire-object'
import { expect, it } from 'vitest'
import { describeDoors } from '../describe-doors.ts'

const OBJECTS = Array.from({ length: 200_000 }, (_, at): WireObject => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { name: `thing-${at}`, resourceVersion: String(at) },
}))

const THINGS: Resource = {
  group: '',
  version: 'v1',
  kind: 'Thing',
  plural: 'things',
  singular: 'thing',
  namespaced: false,
  verbs: ['list'],
  columns: [],
  schema: ANYTHING,
  store: { get: async () => undefined, list: async () => ({ items: OBJECTS }) },
}

describeDoors('a list', (door) => {
  it('of 200,000 objects is told whole', async () => {
    const lists = new ResourceLists(door.registry)
    const { items, metadata } = await lists.list({
      resource: THINGS,
      path: { group: '', version: 'v1', plural: 'things' },
      by: { user: 'root', groups: ['system:masters'] },
      query: () => undefined,
    })
    expect(items).toHaveLength(200_000)
    expect(metadata['resourceVersion']).toBe('199999')
  })
})
