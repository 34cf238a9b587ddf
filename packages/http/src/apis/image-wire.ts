/** A manifest as `image.openshift.io/v1` writes an image. */
import type { Image } from '@sluice/core/services/images'
import { isMembers, timeOf, type Json, type Members } from './wire-object.ts'

export const IMAGE_VERSION = 'image.openshift.io/v1'

const ANNOTATIONS = {
  'openshift.io/image.managed': 'true',
  'image.openshift.io/dockerLayersOrder': 'ascending',
  'image.openshift.io/manifestBlobStored': 'true',
}

/** `host`: where images are pulled from. `body`: the manifest, whose layers are then told. */
export function imageWire(
  { repository, digest, record }: Image,
  host: string,
  body: Uint8Array | undefined,
): { readonly metadata: Members; readonly [field: string]: Json } {
  return {
    metadata: {
      name: digest,
      creationTimestamp: timeOf(record.createdAt),
      annotations: ANNOTATIONS,
    },
    dockerImageReference: `${host}/${repository}@${digest}`,
    dockerImageManifestMediaType: record.mediaType,
    ...(body === undefined ? {} : contentOf(body)),
  }
}

function contentOf(body: Uint8Array): Members {
  const manifest = JSON.parse(Buffer.from(body).toString('utf8')) as Members
  const config = isMembers(manifest['config']) ? [manifest['config']] : []
  const layers = membersIn(manifest['layers'])
  const size = [...config, ...layers].reduce((sum, one) => sum + Number(one['size'] ?? 0), 0)
  const manifests = membersIn(manifest['manifests'])
  return {
    dockerImageMetadata: {
      kind: 'DockerImage',
      apiVersion: '1.0',
      ...(config[0]?.['digest'] === undefined ? {} : { Id: config[0]['digest'] }),
      Size: size,
    },
    dockerImageMetadataVersion: '1.0',
    dockerImageLayers: layers.map(({ digest = '', size: bytes = 0, mediaType = '' }) => ({
      name: digest,
      size: bytes,
      mediaType,
    })),
    ...(manifests.length === 0 ? {} : { dockerImageManifests: manifests.map(memberOf) }),
  }
}

function memberOf({ digest = '', mediaType = '', size = 0, platform }: Members): Members {
  const { architecture = '', os = '', variant } = isMembers(platform) ? platform : {}
  return {
    digest,
    mediaType,
    manifestSize: size,
    architecture,
    os,
    ...(variant === undefined ? {} : { variant }),
  }
}

const membersIn = (value: Json | undefined): readonly Members[] =>
  Array.isArray(value) ? value.filter(isMembers) : []
