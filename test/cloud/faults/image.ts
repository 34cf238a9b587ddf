/** An image of two small blobs, an index of it, and a referrer whose body is too large for a record. */
import { OCI_INDEX, OCI_MANIFEST } from '@sluice/core/media-type'
import { contentOf } from '../../faults/content.ts'
import { describeBytes, manifestBytes } from '../../http/push.ts'

export const config = contentOf('config', 500)
export const layer = contentOf('layer', 5000)

export const ofConfig = describeBytes(config)
export const ofLayer = describeBytes(layer)

export const image = manifestBytes({
  mediaType: OCI_MANIFEST,
  config: ofConfig,
  layers: [ofLayer],
})
export const ofImage = describeBytes(image, OCI_MANIFEST)

export const index = manifestBytes({ mediaType: OCI_INDEX, manifests: [ofImage] })
export const ofIndex = describeBytes(index, OCI_INDEX)

export const referrer = manifestBytes({
  mediaType: OCI_MANIFEST,
  config: ofConfig,
  layers: [],
  subject: ofImage,
  annotations: { large: 'l'.repeat(310_000) },
})
export const ofReferrer = describeBytes(referrer, OCI_MANIFEST)
