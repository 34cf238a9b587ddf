/** A collection of core's, as a resource is served from it. */
import { MAX_PAGE_RECORDS } from '@sluice/core/ports/table-limits'
import type { ObjectCollection } from '@sluice/core/services/object-collection'
import type { StoredObject } from '@sluice/core/stored-object'
import type { ResourceStore } from './resource.ts'
import {
  draftOf,
  metadataOf,
  textOf,
  membersOf,
  type Members,
  type WireObject,
} from './wire-object.ts'

export interface Form<Content> {
  readonly apiVersion: string
  readonly kind: string
  /** The fields beside the metadata. */
  write(content: Content): Members
  read(object: Members, namespace: string | undefined): Content
}

export function collectionStore<Content>(
  collection: ObjectCollection<Content>,
  form: Form<Content>,
): ResourceStore {
  const wire = ({ meta, content }: StoredObject<Content>): WireObject => ({
    apiVersion: form.apiVersion,
    kind: form.kind,
    metadata: metadataOf(meta),
    ...form.write(content),
  })
  return {
    get: async (namespace, name) => {
      const found = await collection.get(namespace, name)
      return found && wire(found)
    },
    list: async (namespace, { limit, after }) => {
      const page = {
        limit: Math.min(limit, MAX_PAGE_RECORDS),
        ...(after === undefined ? {} : { after }),
      }
      const { objects, next } = await collection.list(namespace, page)
      return { items: objects.map(wire), ...(next === undefined ? {} : { next }) }
    },
    create: async ({ by, namespace, dryRun }, object) =>
      wire(
        await collection.create(by, namespace, draftOf(object, form.read(object, namespace)), {
          dryRun,
        }),
      ),
    replace: async ({ by, namespace, dryRun }, object) => {
      const metadata = membersOf(object['metadata'], 'metadata')
      const resourceVersion = textOf(metadata['resourceVersion'], 'metadata.resourceVersion')
      const draft = draftOf(object, form.read(object, namespace))
      const options = { dryRun, ...(resourceVersion === '' ? {} : { resourceVersion }) }
      return wire(await collection.replace(by, namespace, draft, options))
    },
    remove: async ({ by, namespace, dryRun }, name, preconditions) =>
      wire(await collection.remove(by, namespace, name, { ...preconditions, dryRun })),
  }
}
