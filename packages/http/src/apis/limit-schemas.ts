/** The fields of limits and quotas, beside their metadata. */
import { described, listOfObjects, objectOf, TEXT, TEXT_MAP, wholeSchema } from './schema.ts'

export const LIMIT_RANGE = wholeSchema('The most that one image, or one image stream, may have.', {
  properties: {
    spec: objectOf(
      {
        limits: described(
          'One for each type.',
          listOfObjects(
            {
              type: described('openshift.io/Image or openshift.io/ImageStream.', TEXT),
              max: described(
                'storage of an image; openshift.io/images and openshift.io/image-tags of a stream.',
                TEXT_MAP,
              ),
              min: TEXT_MAP,
              default: TEXT_MAP,
              defaultRequest: TEXT_MAP,
              maxLimitRequestRatio: TEXT_MAP,
            },
            ['type'],
          ),
        ),
      },
      ['limits'],
    ),
  },
})

export const RESOURCE_QUOTA = wholeSchema('The most that a project may have.', {
  properties: {
    spec: objectOf({ hard: described('openshift.io/imagestreams.', TEXT_MAP) }),
    status: described('What there is of it.', objectOf({ hard: TEXT_MAP, used: TEXT_MAP })),
  },
})
