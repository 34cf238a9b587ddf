/** What may be asked of any resource: one handler for each verb, the same for all kinds. */
import { randomBytes } from 'node:crypto'
import { ObjectError } from '@sluice/core/object-error'
import type { Identity } from '@sluice/core/ports/identity-provider'
import type { ResourceAttributes } from '@sluice/core/rbac/attributes'
import type { Registry } from '@sluice/core/registry'
import type { ApiPath } from './api-path.ts'
import { checkedObject } from './checked-object.ts'
import { forbidden } from './forbidden.ts'
import { continueText, limitOf, placeOf, type ListPlace } from './list-place.ts'
import { notAllowed } from './not-allowed.ts'
import { notFound } from './not-found.ts'
import { patched } from './patch.ts'
import { type ListedPage, type Resource, type Verb } from './resource.ts'
import { fieldSelector, labelSelector } from './selectors.ts'
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

interface PlacedPage {
  readonly items: readonly WireObject[]
  readonly next?: ListPlace
}

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
    if (!list) throw notAllowed(resource.plural)
    await this.#authorise(request, 'list')
    const limit = limitOf(query('limit'))
    const place = placeOf(query('continue'))
    const { items, next } =
      resource.namespaced && path.namespace === undefined
        ? await this.#everywhere(request, limit, place)
        : placed(await list(path.namespace, { limit, after: place.after }, by))
    const [labels, fields] = [
      labelSelector(query('labelSelector') ?? ''),
      fieldSelector(query('fieldSelector') ?? ''),
    ]
    const chosen = items.filter((item) => labels(item) && fields(item))
    const seen = resource.listsWhatMayBeGot
      ? await this.#thoseThatMayBeGot(request, chosen)
      : chosen
    const newest = Math.max(
      0,
      ...seen.map(({ metadata }) => Number(metadata['resourceVersion'] ?? 0)),
    )
    return {
      items: seen,
      metadata: {
        resourceVersion: String(newest),
        ...(next === undefined ? {} : { continue: continueText(next) }),
      },
    }
  }

  async create(
    request: ResourceRequest,
    object: Members,
  ): Promise<{ readonly made: WireObject; readonly warnings: readonly string[] }> {
    const { resource, path } = request
    const { create } = resource.store
    if (!create) throw notAllowed(resource.plural)
    await this.#authorise(request, 'create')
    const { metadata, warnings } = checkedObject(request, object)
    if (metadata['resourceVersion'])
      throw badRequest('resourceVersion should not be set on objects to be created')
    const prefix = textOf(metadata['generateName'], 'metadata.generateName')
    for (let tried = 1; ; tried++) {
      const name =
        textOf(metadata['name'], 'metadata.name') ||
        (prefix && prefix + randomBytes(3).toString('hex').slice(0, 5))
      try {
        const made = await create(this.#change(request), {
          ...object,
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
    if (!replace) throw notAllowed(resource.plural)
    await this.#authorise(request, 'update')
    const { metadata, warnings } = checkedObject(request, object)
    if (metadata['name'] !== path.name) {
      throw badRequest(
        `the name of the object (${shownText(metadata['name'])}) does not match the name on the URL (${path.name})`,
      )
    }
    return { made: await replace(this.#change(request), object), warnings }
  }

  async patch(
    request: ResourceRequest,
    contentType: string,
    patch: unknown,
  ): Promise<{ readonly made: WireObject; readonly warnings: readonly string[] }> {
    const { resource, path } = request
    const { replace } = resource.store
    if (!replace) throw notAllowed(resource.plural)
    await this.#authorise(request, 'patch')
    for (let tried = 1; ; tried++) {
      const before = await this.#found(request)
      const after = patched(before, contentType, patch)
      const { metadata, warnings } = checkedObject(request, after)
      if (metadata['name'] !== path.name)
        throw badRequest('metadata.name: Invalid value: field is immutable')
      try {
        return { made: await replace(this.#change(request), after), warnings }
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
    if (!remove || path.name === undefined) throw notAllowed(resource.plural)
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
    if (!remove || !resource.verbs.includes('deletecollection')) throw notAllowed(resource.plural)
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
    throw notFound(resource, name)
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

  /** Project by project, each page of the list beginning where the one before ended. */
  async #everywhere(
    { resource, by }: ResourceRequest,
    limit: number,
    place: ListPlace,
  ): Promise<PlacedPage> {
    const { list } = resource.store
    const items: WireObject[] = []
    for await (const namespace of this.#registry.projects.list()) {
      if (place.namespace !== undefined && namespace < place.namespace) continue
      let after = namespace === place.namespace ? place.after : undefined
      do {
        if (items.length === limit) return { items, next: { namespace, after } }
        const page = await list!(namespace, { limit: limit - items.length, after }, by)
        items.push(...page.items)
        after = page.next
      } while (after !== undefined)
    }
    return { items }
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

const placed = ({ items, next }: ListedPage): PlacedPage =>
  next === undefined ? { items } : { items, next: { after: next } }
