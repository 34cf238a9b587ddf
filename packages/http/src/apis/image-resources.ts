/** Repositories, their tags and their manifests, as the admin API serves them. */
import { IMAGE_GROUP } from '@sluice/core/rbac/attributes'
import type { Registry } from '@sluice/core/registry'
import { AGE, NAME } from './columns.ts'
import { imageStore, imageStreamImageStore } from './image-store.ts'
import { imageStreamStore, tagsText } from './image-stream-store.ts'
import { imageStreamTagStore } from './image-stream-tag-store.ts'
import * as schemas from './resource-schemas.ts'
import type { Column, Resource } from './resource.ts'
import { membersOf, shownText } from './wire-object.ts'

const REFERENCE_COLUMNS: readonly Column[] = [
  NAME,
  {
    name: 'Image Reference',
    cell: ({ image }) => shownText(membersOf(image, 'image')['dockerImageReference']),
  },
  { ...AGE, name: 'Updated', type: 'string' },
]

/** `host`: where images are pulled from. */
export function imageResources(registry: Registry, host: string): readonly Resource[] {
  const image = { group: IMAGE_GROUP, version: 'v1', namespaced: true }
  return [
    {
      ...image,
      kind: 'ImageStream',
      plural: 'imagestreams',
      singular: 'imagestream',
      shortNames: ['is'],
      verbs: ['delete', 'get', 'list'],
      columns: [
        NAME,
        {
          name: 'Image Repository',
          cell: ({ status }) => shownText(membersOf(status, 'status')['dockerImageRepository']),
        },
        { name: 'Tags', cell: tagsText },
      ],
      schema: schemas.IMAGE_STREAM,
      store: imageStreamStore(registry, host),
    },
    {
      ...image,
      kind: 'ImageStreamTag',
      plural: 'imagestreamtags',
      singular: 'imagestreamtag',
      shortNames: ['istag'],
      verbs: ['delete', 'get', 'list'],
      columns: REFERENCE_COLUMNS,
      schema: schemas.IMAGE_STREAM_TAG,
      store: imageStreamTagStore(registry, host),
    },
    {
      ...image,
      kind: 'ImageStreamImage',
      plural: 'imagestreamimages',
      singular: 'imagestreamimage',
      shortNames: ['isimage'],
      verbs: ['get'],
      columns: REFERENCE_COLUMNS,
      schema: schemas.IMAGE_STREAM_IMAGE,
      store: imageStreamImageStore(registry, host),
    },
    {
      ...image,
      namespaced: false,
      kind: 'Image',
      plural: 'images',
      singular: 'image',
      verbs: ['delete', 'get', 'list'],
      columns: [
        NAME,
        {
          name: 'Image Reference',
          cell: ({ dockerImageReference }) => shownText(dockerImageReference),
        },
      ],
      schema: schemas.IMAGE,
      store: imageStore(registry, host),
    },
  ]
}
