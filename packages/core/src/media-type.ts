/** The media types that a registry must know by name; of every other it stores what it is given. */

export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json'
export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json'
export const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json'
const DOCKER_SCHEMA_1 = 'application/vnd.docker.distribution.manifest.v1'

export const isSchema1 = (mediaType: string): boolean => mediaType.startsWith(DOCKER_SCHEMA_1)
export const isIndex = (mediaType: string): boolean =>
  mediaType === OCI_INDEX || mediaType === DOCKER_LIST
export const isImage = (mediaType: string): boolean =>
  mediaType === OCI_MANIFEST || mediaType === DOCKER_MANIFEST

/** RFC 6838 section 4.2, with room for no parameters. */
const MEDIA_TYPE = /^[a-zA-Z0-9][\w!#$&^.+-]{0,126}\/[a-zA-Z0-9][\w!#$&^.+-]{0,126}$/
export const isMediaType = (text: string): boolean => MEDIA_TYPE.test(text)

/**
 * Layers that live elsewhere and that a client does not push.
 * https://github.com/opencontainers/image-spec/blob/main/layer.md#non-distributable-layers
 */
export const isForeignLayer = (mediaType: string): boolean =>
  mediaType.startsWith('application/vnd.docker.image.rootfs.foreign.') ||
  mediaType.startsWith('application/vnd.oci.image.layer.nondistributable.')
