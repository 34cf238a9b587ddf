/** end-3, end-7, end-9: manifests, by tag or by digest. */
import { RegistryError } from '@sluice/core/errors'
import { MAX_MANIFEST_BYTES } from '@sluice/core/manifest'
import type { ImageTarget } from '@sluice/core/activity'
import type { Identity } from '@sluice/core/ports/identity-provider'
import { parseReference, parseTag, type Reference, type Tag } from '@sluice/core/reference'
import type { RepositoryName } from '@sluice/core/repository-name'
import type { PulledManifest } from '@sluice/core/services/cached-manifests'
import { MAX_TAGS_PER_PUT } from '@sluice/core/services/manifest-puts'
import type { AppContext, Parts } from '../app-environment.ts'
import { authorise, type Caller } from '../caller.ts'
import { entityTag, matches } from '../entity-tag.ts'
import { manifestText } from '../manifest-text.ts'
import { noteImage } from '../note.ts'
import { readBody } from '../request-body.ts'
import { respond, type PlainHeaders } from '../respond.ts'
import type { Methods, Target } from '../route-table.ts'
import { staleHeaders } from '../stale-headers.ts'
import { viaOf } from '../via.ts'
import { whenKnown } from '../when-known.ts'

export const manifestRoutes = (parts: Parts): Methods => ({
  GET: (c, target) => readManifest(c, target, parts),
  HEAD: (c, target) => readManifest(c, target, parts),
  PUT: (c, target) => putManifest(c, target, parts),
  DELETE: (c, target) => deleteManifest(c, target, parts),
})

const readManifest = (c: AppContext, { name, argument }: Target, parts: Parts) =>
  whenKnown(authorise(c, parts, name, 'pull'), ({ repository, caller: { identity } }) => {
    const { pulls } = parts.registry
    const reference = parseReference(argument)
    return whenKnown(
      pulls.peek(repository, reference) ?? pulls.manifest(repository, reference, viaOf(c)),
      (found) => giveManifest(c, parts, { identity, repository, reference }, found),
    )
  })

interface Asked {
  readonly identity: Identity
  readonly repository: RepositoryName
  readonly reference: Reference
}

function giveManifest(
  c: AppContext,
  parts: Parts,
  { identity, repository, reference }: Asked,
  found: PulledManifest,
): Response | Promise<Response> {
  const { manifests, pulls } = parts.registry
  const { digest, record } = found
  const headers: PlainHeaders = {
    'Content-Type': record.mediaType,
    'Content-Length': String(record.size),
    'Docker-Content-Digest': digest,
    ETag: entityTag(digest),
  }
  if (found.stale) Object.assign(headers, staleHeaders(found.stale))
  if (matches(c.req.header('if-none-match'), digest)) {
    return respond(304, { ETag: entityTag(digest), 'Docker-Content-Digest': digest })
  }
  const head = c.req.method === 'HEAD'
  const { body, mediaType, size } = record
  const bytes = head || body ? undefined : manifests.body(record)
  const target: ImageTarget = {
    what: 'manifest',
    repository,
    digest,
    ...reference,
    mediaType,
    size,
  }
  return whenKnown(bytes, (read) =>
    whenKnown(noteImage(c, parts, identity, 'pull', target), () => {
      if (!head) pulls.given(repository)
      return respond(200, headers, body && !head ? manifestText(body) : read)
    }),
  )
}

async function putManifest(c: AppContext, { name, argument }: Target, parts: Parts) {
  const { repository, caller } = await authorise(c, parts, name, 'push')
  const reference = parseReference(argument)
  const more = parameterTags(c)
  const tags = 'tag' in reference ? [...new Set([reference.tag, ...more])] : more
  const bytes = await readBody(c, MAX_MANIFEST_BYTES, 'MANIFEST_INVALID')
  const { digest, manifest } = await parts.registry.manifests.put(repository, {
    bytes,
    contentType: (c.req.header('content-type') ?? '').split(';')[0]!.trim(),
    digest: 'digest' in reference ? reference.digest : undefined,
    tags,
    admitNew: () => admitNew(caller, repository, parts),
  })
  const { mediaType } = manifest
  const size = bytes.byteLength
  const pushed = { what: 'manifest', repository, digest, mediaType, size } as const
  const named = tags.length === 0 ? [pushed] : tags.map((tag) => ({ ...pushed, tag }))
  for (const target of named) await noteImage(c, parts, caller.identity, 'push', target)
  return respond(201, {
    Location: `/v2/${repository}/manifests/${digest}`,
    'Docker-Content-Digest': digest,
    ...(manifest.subject ? { 'OCI-Subject': manifest.subject } : {}),
    ...(more.length > 0 ? { 'OCI-Tag': more.join(', ') } : {}),
  })
}

/** As in OpenShift, whoever may push need not be one who may make a repository (`system:image-pusher`). */
async function admitNew(
  { identity }: Caller,
  repository: RepositoryName,
  { registry }: Parts,
): Promise<void> {
  if (await registry.rights.mayCreate(identity, repository)) return
  const detail = `${identity.user} may push to repositories that exist; a new one needs a role that creates imagestreams`
  throw new RegistryError('DENIED', detail)
}

/** Spec "Pushing Manifests": `?tag=`, any number of times. */
function parameterTags(c: AppContext): Tag[] {
  const tags = [...new Set(c.req.queries('tag') ?? [])].map(parseTag)
  if (tags.length <= MAX_TAGS_PER_PUT) return tags
  throw new RegistryError('TAG_INVALID', `one request puts at most ${MAX_TAGS_PER_PUT} tags`)
}

async function deleteManifest(c: AppContext, { name, argument }: Target, parts: Parts) {
  const { repository, caller } = await authorise(c, parts, name, 'delete')
  const reference = parseReference(argument)
  if ('tag' in reference) await parts.registry.tags.remove(repository, reference.tag)
  else await parts.registry.manifests.remove(repository, reference.digest)
  const what = 'tag' in reference ? 'tag' : 'manifest'
  await noteImage(c, parts, caller.identity, 'delete', { what, repository, ...reference })
  return respond(202, {})
}
