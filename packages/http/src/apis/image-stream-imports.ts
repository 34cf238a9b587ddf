/** `imagestreamimports` of `image.openshift.io/v1`: images of upstreams for a project of one's own. Answered, never kept. */
import { RegistryError } from '@sluice/core/errors'
import { ObjectError } from '@sluice/core/object-error'
import type { Identity } from '@sluice/core/ports/identity-provider'
import { UpstreamError } from '@sluice/core/ports/upstream'
import { IMAGE_GROUP } from '@sluice/core/rbac/attributes'
import { parseTag, type Tag } from '@sluice/core/reference'
import type { Registry } from '@sluice/core/registry'
import type { RepositoryName } from '@sluice/core/repository-name'
import type { Imports } from '@sluice/core/services/imports'
import type { Answering } from './discovery.ts'
import { forbidden } from './forbidden.ts'
import { repositoryOf } from './image-names.ts'
import { IMAGE_VERSION, imageWire } from './image-wire.ts'
import { statusOf } from './status.ts'
import {
  badRequest,
  listOf,
  membersOf,
  textOf,
  type Json,
  type Members,
  type WireObject,
} from './wire-object.ts'

export const IMAGE_STREAM_IMPORTS: Answering = {
  group: IMAGE_GROUP,
  version: 'v1',
  plural: 'imagestreamimports',
  kind: 'ImageStreamImport',
  namespaced: true,
  verbs: ['create'],
}

interface Asked {
  readonly from: string
  readonly tag: Tag
  readonly scheduled: boolean
}

/** Whether `by` may import at all is asked before. One image that fails keeps none of the others from coming. */
export async function importImages(
  registry: Registry,
  by: Identity,
  namespace: string,
  object: Members,
  host: string,
): Promise<WireObject> {
  const { imports } = registry
  if (!imports) throw badRequest('this registry reads through no other')
  const metadata = membersOf(object['metadata'], 'metadata')
  const name = textOf(metadata['name'], 'metadata.name')
  const repository = repositoryOf(namespace, name)
  if (!repository) throw badRequest(`${JSON.stringify(name)} is no name of an image stream`)
  await admit(registry, by, namespace, repository)
  const asked = imagesIn(membersOf(object['spec'], 'spec'))
  const images: Json[] = []
  for (const image of asked) {
    images.push(await importImage(registry, imports, by, repository, image, host))
  }
  return {
    apiVersion: IMAGE_VERSION,
    kind: IMAGE_STREAM_IMPORTS.kind,
    metadata: { ...metadata, namespace },
    spec: membersOf(object['spec'], 'spec'),
    status: { images },
  }
}

/** Images come into a stream as by a push: a new one has to be made, another to be changed. */
async function admit(
  { repositories, rights }: Registry,
  by: Identity,
  namespace: string,
  repository: RepositoryName,
): Promise<void> {
  const verb = (await repositories.find(repository)) ? 'update' : 'create'
  const check = { verb, group: IMAGE_GROUP, resource: 'imagestreams', namespace }
  if (!(await rights.may(by, check, { fresh: true }))) throw forbidden(by, check)
}

function imagesIn(spec: Members): readonly Asked[] {
  if (spec['import'] !== true)
    throw badRequest('spec.import must be true: nothing is only looked at')
  if (spec['repository'] !== undefined) {
    throw badRequest('spec.repository is not supported: name the images that are to come')
  }
  const images = listOf(spec['images'], 'spec.images')
  if (images.length === 0) throw badRequest('spec.images must name an image')
  return images.map((image, at) => askedIn(membersOf(image, `spec.images[${at}]`), at))
}

function askedIn(image: Members, at: number): Asked {
  const where = `spec.images[${at}]`
  const from = membersOf(image['from'], `${where}.from`)
  if (textOf(from['kind'], `${where}.from.kind`) !== 'DockerImage') {
    throw badRequest(`${where}.from.kind must be DockerImage`)
  }
  const policy = membersOf(image['importPolicy'], `${where}.importPolicy`)
  if (policy['insecure'] === true) {
    throw badRequest(`${where}.importPolicy.insecure is the upstream's own setting here`)
  }
  const to = textOf(membersOf(image['to'], `${where}.to`)['name'], `${where}.to.name`)
  try {
    const tag = parseTag(to === '' ? 'latest' : to)
    const name = textOf(from['name'], `${where}.from.name`)
    return { from: name, tag, scheduled: policy['scheduled'] === true }
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    throw badRequest(`${where}.to.name: ${String(error.details[0])}`)
  }
}

async function importImage(
  { manifests }: Registry,
  imports: Imports,
  by: Identity,
  repository: RepositoryName,
  { from, tag, scheduled }: Asked,
  host: string,
): Promise<Json> {
  try {
    const found = await imports.import(by, { repository, tag, from, scheduled })
    const image = imageWire({ ...found, repository }, host, await manifests.body(found.record))
    return { tag, status: { status: 'Success' }, image }
  } catch (error) {
    const told =
      error instanceof ObjectError ||
      error instanceof RegistryError ||
      error instanceof UpstreamError
    if (!told) throw error
    return { tag, status: failureOf(error) }
  }
}

function failureOf(error: ObjectError | RegistryError | UpstreamError): Json {
  if (error instanceof UpstreamError) {
    return { status: 'Failure', reason: 'ServiceUnavailable', code: 503, message: error.message }
  }
  const { body } = statusOf(error)
  const { reason, code, message } = body as Readonly<Record<string, Json>>
  return { status: 'Failure', reason: reason ?? '', code: code ?? 500, message: message ?? '' }
}
