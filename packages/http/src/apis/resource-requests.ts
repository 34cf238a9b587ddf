/** What may be asked of any resource: one handler for each verb, the same for all kinds. */
import { randomBytes } from 'node:crypto'
import { ObjectError } from '@sluice/core/object-error'
import type { Identity } from '@sluice/core/ports/identity-provider'
import type { ResourceAttributes } from '@sluice/core/rbac/attributes'
import type { Registry } from '@sluice/core/registry'
import type { ApiPath } from './api-path.ts'
import { forbidden } from './forbidden.ts'
import { patched } from './patch.ts'
import { apiVersionOf, qualified, type Resource, type Verb } from './resource.ts'
import { fieldSelector, labelSelector } from './selectors.ts'
import { unknownFields } from './unknown-fields.ts'
import {
  badRequest,
  membersOf,
  shownText,
  textOf,
  type Members,
  type WireObject,
} from './wire-object.ts'

export interface ResourceRequest {
  readonly resource: Resource
  readonly path: ApiPath
  readonly by: Identity
  readonly query: (name: string) => string | undefined
}

export interface Listed {
  readonly items: readonly WireObject[]
  readonly metadata: Members
}

const DEFAULT_LIMIT = 1_000_000
const MAX_NAME_TRIES = 3

export class ResourceRequests {
  readonly #registry: Registry

  constructor(registry: Registry) {
    this.#registry = registry
  }

  async get(request: ResourceRequest): Promise<WireObject> {
    await this.#authorise(request, 'get')
    return this.#found(request)
  }

  async list(request: ResourceRequest): Promise<Listed> {
    const { resource, path, by, query } = request
    const { list } = resource.store
    if (!list) throw notAllowed(resource)
    await this.#authorise(request, 'list')
    const limit = limitOf(query('limit'))
    const after = afterOf(query('continue'))
    const page = { limit, ...(after === undefined ? {} : { after }) }
    const { items, next } =
      resource.namespaced && path.namespace === undefined
        ? { items: await this.#everywhere(request), next: undefined }
        : await list(path.namespace, page, by)
    const [labels, fields] = [
      labelSelector(query('labelSelector') ?? ''),
      fieldSelector(query('fieldSelector') ?? ''),
    ]
    const chosen = items.filter((item) => labels(item) && fields(item))
    const seen = resource.listsWhatMayBeGot
      ? await this.#thoseThatMayBeGot(request, chosen)
      : chosen
    const newest = Math.max(0, ...seen.map(({ metadata }) => Number(metadata['resourceVersion'])))
    return {
      items: seen,
      metadata: {
        resourceVersion: String(newest),
        ...(next === undefined
          ? {}
          : { continue: Buffer.from(JSON.stringify({ after: next })).toString('base64url') }),
      },
    }
  }

  async create(
    request: ResourceRequest,
    object: Members,
  ): Promise<{ readonly made: WireObject; readonly warnings: readonly string[] }> {
    const { resource, path } = request
    const { create } = resource.store
    if (!create) throw notAllowed(resource)
    await this.#authorise(request, 'create')
    const { checked, warnings } = checkedBody(request, object)
    const metadata = membersOf(checked['metadata'], 'metadata')
    if (metadata['resourceVersion'])
      throw badRequest('resourceVersion should not be set on objects to be created')
    const prefix = textOf(metadata['generateName'], 'metadata.generateName')
    for (let tried = 1; ; tried++) {
      const name =
        textOf(metadata['name'], 'metadata.name') ||
        (prefix && prefix + randomBytes(3).toString('hex').slice(0, 5))
      try {
        const made = await create(this.#change(request), {
          ...checked,
          metadata: { ...metadata, name },
        })
        return { made, warnings }
      } catch (error) {
        const taken =
          error instanceof ObjectError && error.reason === 'AlreadyExists' && prefix !== ''
        if (!taken || tried === MAX_NAME_TRIES || path.name !== undefined) throw error
      }
    }
  }

  async replace(
    request: ResourceRequest,
    object: Members,
  ): Promise<{ readonly made: WireObject; readonly warnings: readonly string[] }> {
    const { resource, path } = request
    const { replace } = resource.store
    if (!replace) throw notAllowed(resource)
    await this.#authorise(request, 'update')
    const { checked, warnings } = checkedBody(request, object)
    const metadata = membersOf(checked['metadata'], 'metadata')
    if (metadata['name'] !== path.name) {
      throw badRequest(
        `the name of the object (${shownText(metadata['name'])}) does not match the name on the URL (${path.name})`,
      )
    }
    return { made: await replace(this.#change(request), checked), warnings }
  }

  async patch(
    request: ResourceRequest,
    contentType: string,
    patch: unknown,
  ): Promise<{ readonly made: WireObject; readonly warnings: readonly string[] }> {
    const { resource, path } = request
    const { replace } = resource.store
    if (!replace) throw notAllowed(resource)
    await this.#authorise(request, 'patch')
    for (let tried = 1; ; tried++) {
      const before = await this.#found(request)
      const after = patched(before, contentType, patch)
      const { checked, warnings } = checkedBody(request, after)
      const metadata = membersOf(checked['metadata'], 'metadata')
      if (metadata['name'] !== path.name)
        throw badRequest('metadata.name: Invalid value: field is immutable')
      try {
        return { made: await replace(this.#change(request), checked), warnings }
      } catch (error) {
        // The patch itself named no version: what it says holds of whatever there is now.
        const own = metadata['resourceVersion'] === before.metadata['resourceVersion']
        const lost = error instanceof ObjectError && error.reason === 'Conflict'
        if (!lost || !own || tried === 10) throw error
      }
    }
  }

  async remove(request: ResourceRequest, options: Members): Promise<WireObject> {
    const { resource, path } = request
    const { remove } = resource.store
    if (!remove || path.name === undefined) throw notAllowed(resource)
    await this.#authorise(request, 'delete')
    const preconditions = membersOf(options['preconditions'], 'preconditions')
    const text = (name: string) => {
      const value = textOf(preconditions[name], `preconditions.${name}`)
      return value === '' ? {} : { [name]: value }
    }
    return remove(this.#change(request, options), path.name, {
      ...text('uid'),
      ...text('resourceVersion'),
    })
  }

  async removeAll(request: ResourceRequest, options: Members): Promise<Listed> {
    const { resource } = request
    const { remove } = resource.store
    if (!remove || !resource.verbs.includes('deletecollection')) throw notAllowed(resource)
    await this.#authorise(request, 'deletecollection')
    const listed = await this.list(request)
    for (const { metadata } of listed.items) {
      await remove(this.#change(request, options), textOf(metadata['name'], 'name'), {})
    }
    return listed
  }

  async #found({ resource, path, by }: ResourceRequest): Promise<WireObject> {
    const { namespace, name = '' } = path
    const found = await resource.store.get(namespace, name, by)
    if (found) return found
    throw new ObjectError('NotFound', `${qualified(resource)} "${name}" not found`)
  }

  async #authorise({ resource, path, by }: ResourceRequest, verb: Verb): Promise<void> {
    // Of the projects everybody who may ask sees his own.
    const named =
      verb === 'create' || verb === 'list' || verb === 'deletecollection'
        ? {}
        : { name: path.name ?? '' }
    const namespace =
      path.plural === 'projects' || path.plural === 'namespaces' ? path.name : path.namespace
    const asked: ResourceAttributes = {
      verb,
      group: resource.group,
      resource: resource.plural,
      ...(namespace === undefined ? {} : { namespace }),
      ...named,
    }
    if (await this.#registry.rights.may(by, asked, { fresh: true })) return
    throw forbidden(by, asked)
  }

  async #everywhere({ resource, by }: ResourceRequest): Promise<readonly WireObject[]> {
    const items: WireObject[] = []
    for await (const project of this.#registry.projects.list()) {
      for (let after: string | undefined; ;) {
        const page = await resource.store.list?.(
          project,
          { limit: 1000, ...(after === undefined ? {} : { after }) },
          by,
        )
        items.push(...(page?.items ?? []))
        after = page?.next
        if (after === undefined) break
      }
    }
    return items
  }

  async #thoseThatMayBeGot(
    { resource, by }: ResourceRequest,
    items: readonly WireObject[],
  ): Promise<readonly WireObject[]> {
    const asked = { verb: 'get', group: resource.group, resource: resource.plural }
    const projects = await this.#registry.rights.projectsWhere(by, asked)
    if (projects === 'all') return items
    const names = new Set<string>(projects)
    return items.filter(({ metadata }) => names.has(textOf(metadata['name'], 'name')))
  }

  #change({ by, path, query }: ResourceRequest, options: Members = {}) {
    const asked =
      query('dryRun') ?? (Array.isArray(options['dryRun']) ? options['dryRun'][0] : undefined)
    if (asked !== undefined && asked !== 'All')
      throw badRequest('dryRun: Unsupported value: supported values: "All"')
    return { by, namespace: path.namespace, dryRun: asked === 'All' }
  }
}

function checkedBody({ resource, path, query }: ResourceRequest, object: Members) {
  const [apiVersion, kind] = [
    textOf(object['apiVersion'], 'apiVersion'),
    textOf(object['kind'], 'kind'),
  ]
  if (
    (apiVersion !== '' && apiVersion !== apiVersionOf(resource)) ||
    (kind !== '' && kind !== resource.kind)
  ) {
    throw badRequest(
      `the object is ${apiVersion} ${kind}, and this path takes ${apiVersionOf(resource)} ${resource.kind}`,
    )
  }
  const metadata = membersOf(object['metadata'], 'metadata')
  const namespace = textOf(metadata['namespace'], 'metadata.namespace')
  if (namespace !== '' && namespace !== path.namespace) {
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    )
  }
  const unknown = unknownFields(object, resource).map((field) => `unknown field "${field}"`)
  const how = query('fieldValidation') ?? 'Warn'
  if (how === 'Strict' && unknown.length > 0) {
    const subject = `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}`
    throw badRequest(`${subject}: strict decoding error: ${unknown.join(', ')}`)
  }
  return { checked: object, warnings: how === 'Ignore' ? [] : unknown }
}

const notAllowed = ({ plural }: Resource): ObjectError =>
  new ObjectError(
    'MethodNotAllowed',
    `the server does not allow this method on the requested resource (${plural})`,
  )

function limitOf(text: string | undefined): number {
  const limit = Number(text ?? 0)
  if (!Number.isInteger(limit) || limit < 0) throw badRequest('limit must be a whole number')
  return limit === 0 ? DEFAULT_LIMIT : limit
}

function afterOf(text: string | undefined): string | undefined {
  if (!text) return undefined
  try {
    const { after } = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as {
      readonly after?: unknown
    }
    if (typeof after === 'string') return after
  } catch {
    // Told below.
  }
  throw new ObjectError(
    'Expired',
    'The provided continue parameter is not valid: start the list anew',
  )
}
