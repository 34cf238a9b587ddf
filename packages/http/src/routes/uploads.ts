/** end-4 to end-6, end-11, end-13, end-14: uploads, and mounts. */
import type { Access } from '@sluice/core/access'
import { parseAlgorithm, parseDigest, type Digest } from '@sluice/core/digest'
import { RegistryError } from '@sluice/core/errors'
import { parseRepositoryName, type RepositoryName } from '@sluice/core/repository-name'
import type { Chunk } from '@sluice/core/services/upload-bytes'
import type { UploadStatus } from '@sluice/core/services/uploads'
import type { AppContext, Parts } from '../app-environment.ts'
import { authorise, type Caller } from '../caller.ts'
import { ChallengeError } from '../challenge.ts'
import { contentRange } from '../content-range.ts'
import { bodyLength, bodySource } from '../request-body.ts'
import { noteImage } from '../note.ts'
import { respond } from '../respond.ts'
import type { Methods, Target } from '../route-table.ts'
import { uploadHeaders } from '../upload-headers.ts'

export const newUploadRoutes = (parts: Parts): Methods => ({
  POST: (c, target) => startUpload(c, target, parts),
})

export const uploadRoutes = (parts: Parts): Methods => ({
  GET: (c, target) => uploadStatus(c, target, parts),
  PATCH: (c, target) => appendChunk(c, target, parts),
  PUT: (c, target) => finishUpload(c, target, parts),
  DELETE: (c, target) => cancelUpload(c, target, parts),
})

async function startUpload(c: AppContext, { name }: Target, parts: Parts) {
  const { repository, caller } = await authorise(c, parts, name, 'push')
  const { uploads } = parts.registry
  const mounted = await mount(c, repository, caller, parts)
  if (mounted) return mounted
  const digest = c.req.query('digest')
  if (digest !== undefined) {
    const parsed = parseDigest(digest)
    const { size } = await uploads.push(repository, parsed, wholeBody(c))
    await notePush(c, parts, caller, repository, parsed, size)
    return created(repository, parsed)
  }
  const algorithm = c.req.query('digest-algorithm')
  const started = await uploads.start(
    repository,
    algorithm === undefined ? undefined : parseAlgorithm(algorithm),
  )
  return standing(repository, started, 202)
}

/** A source that may not be read, or has no such blob, is no error: the client uploads instead. */
async function mount(c: AppContext, repository: RepositoryName, caller: Caller, parts: Parts) {
  const wanted = c.req.query('mount')
  if (wanted === undefined) return undefined
  const { blobs, rights } = parts.registry
  const digest = parseDigest(wanted)
  const from = c.req.query('from')
  if (from === undefined) {
    const mayPull = (source: RepositoryName) => rights.mayPull(caller.identity, source)
    const mounted = await blobs.mountFromAny(repository, digest, mayPull)
    return mounted && (await noteMount(c, parts, caller, repository, digest, mounted))
  }
  const source = sourceOf(from)
  if (!source) return undefined
  const pull: Access = { type: 'repository', name: source, actions: ['pull'] }
  if (!(await caller.may(pull))) {
    if (c.env?.losesChallenge || !(await rights.mayPull(caller.identity, source))) return undefined
    // The caller may, and only asked for too small a token: let it ask again, as distribution does.
    const push: Access = { type: 'repository', name: repository, actions: ['pull', 'push'] }
    throw new ChallengeError(c, parts, 'the token does not let you pull from the source', {
      access: [push, pull],
      error: 'insufficient_scope',
    })
  }
  const mounted = await blobs.mount(repository, digest, source)
  return mounted && noteMount(c, parts, caller, repository, digest, { ...mounted, source })
}

async function noteMount(
  c: AppContext,
  parts: Parts,
  { identity }: Caller,
  repository: RepositoryName,
  digest: Digest,
  { size, source }: { readonly size: number; readonly source: RepositoryName },
): Promise<Response> {
  const mounted = { what: 'blob', repository, digest, size, fromRepository: source } as const
  const mediaType = 'application/octet-stream'
  await noteImage(c, parts, identity, 'mount', { ...mounted, mediaType })
  return created(repository, digest)
}

/** A name that this registry cannot hold comes from a client that knew another registry here: nothing to mount. */
function sourceOf(from: string): RepositoryName | undefined {
  try {
    return parseRepositoryName(from)
  } catch {
    return undefined
  }
}

async function uploadStatus(c: AppContext, { name, argument }: Target, parts: Parts) {
  const { repository } = await authorise(c, parts, name, 'push')
  return standing(repository, await parts.registry.uploads.status(repository, argument), 204)
}

async function appendChunk(c: AppContext, { name, argument }: Target, parts: Parts) {
  const { repository } = await authorise(c, parts, name, 'push')
  return standing(
    repository,
    await parts.registry.uploads.append(repository, argument, chunk(c)),
    202,
  )
}

async function finishUpload(c: AppContext, { name, argument }: Target, parts: Parts) {
  const { repository, caller } = await authorise(c, parts, name, 'push')
  const digest = c.req.query('digest')
  if (digest === undefined) {
    throw new RegistryError('DIGEST_INVALID', 'name the digest of the blob: ?digest=sha256:...')
  }
  const parsed = parseDigest(digest)
  const last = bodyLength(c) === 0 ? undefined : chunk(c)
  const { size } = await parts.registry.uploads.finish(repository, argument, parsed, last)
  await notePush(c, parts, caller, repository, parsed, size)
  return created(repository, parsed)
}

const notePush = (
  c: AppContext,
  parts: Parts,
  { identity }: Caller,
  repository: RepositoryName,
  digest: Digest,
  size: number,
): Promise<void> | undefined =>
  noteImage(c, parts, identity, 'push', {
    what: 'blob',
    repository,
    digest,
    mediaType: 'application/octet-stream',
    size,
  })

async function cancelUpload(c: AppContext, { name, argument }: Target, parts: Parts) {
  const { repository } = await authorise(c, parts, name, 'push')
  await parts.registry.uploads.cancel(repository, argument)
  return respond(204, {})
}

function chunk(c: AppContext): Chunk {
  const length = bodyLength(c)
  const range = contentRange(c.req.header('content-range'), length)
  return { source: bodySource(c), start: range?.start, length: range?.length ?? length }
}

const wholeBody = (c: AppContext): Chunk => ({
  source: bodySource(c),
  start: 0,
  length: bodyLength(c),
})

function standing(repository: RepositoryName, upload: UploadStatus, status: number): Response {
  return respond(status, uploadHeaders(repository, upload))
}

function created(repository: RepositoryName, digest: string): Response {
  return respond(201, {
    Location: `/v2/${repository}/blobs/${digest}`,
    'Docker-Content-Digest': digest,
  })
}
