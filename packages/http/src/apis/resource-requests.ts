/** What may be asked of any resource: one handler for each verb, the same for all kinds. */
import { randomBytes } from 'node:crypto'
import { ObjectError } from '@sluice/core/object-error'
import type { Registry } from '@sluice/core/registry'
import { authoriseRequest } from './authorise-request.ts'
import { checkedObject } from './checked-object.ts'
import { notAllowed } from './not-allowed.ts'
import { notFound } from './not-found.ts'
import { patched } from './patch.ts'
import { ResourceLists, type Listed } from './resource-lists.ts'
import type { ResourceRequest } from './resource-request.ts'
import {
  badRequest,
  membersOf,
  shownText,
  textOf,
  type Members,
  type WireObject,
} from './wire-object.ts'

export interface Made {
  readonly made: WireObject
  /** For the eyes of whoever asked. */
  readonly warnings: readonly string[]
}

/** What a request brings, which is read only from whoever may ask. */
type Read<Body> = () => Promise<Body>

const MAX_NAME_TRIES = 3

export class ResourceRequests {
  readonly #registry: Registry
  readonly #lists: ResourceLists

  constructor(registry: Registry) {
    this.#registry = registry
    this.#lists = new ResourceLists(registry)
  }

  list(request: ResourceRequest): Promise<Listed> {
    return this.#lists.list(request)
  }

  async get(request: ResourceRequest): Promise<WireObject> {
    await authoriseRequest(this.#registry, request, 'get')
    return this.#found(request)
  }

  async create(request: ResourceRequest, read: Read<Members>): Promise<Made> {
    const { resource, path } = request
    const { create } = resource.store
    if (!create) throw notAllowed(resource.plural)
    await authoriseRequest(this.#registry, request, 'create')
    const object = await read()
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

  async replace(request: ResourceRequest, read: Read<Members>): Promise<Made> {
    const { resource, path } = request
    const { replace } = resource.store
    if (!replace) throw notAllowed(resource.plural)
    await authoriseRequest(this.#registry, request, 'update')
    const object = await read()
    const { metadata, warnings } = checkedObject(request, object)
    if (metadata['name'] !== path.name) {
      throw badRequest(
        `the name of the object (${shownText(metadata['name'])}) does not match the name on the URL (${path.name})`,
      )
    }
    return { made: await replace(this.#change(request), object), warnings }
  }

  async patch(request: ResourceRequest, contentType: string, read: Read<unknown>): Promise<Made> {
    const { resource, path } = request
    const { replace } = resource.store
    if (!replace) throw notAllowed(resource.plural)
    await authoriseRequest(this.#registry, request, 'patch')
    const patch = await read()
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

  async remove(request: ResourceRequest, read: Read<Members>): Promise<WireObject> {
    const { resource, path } = request
    const { remove } = resource.store
    if (!remove || path.name === undefined) throw notAllowed(resource.plural)
    await authoriseRequest(this.#registry, request, 'delete')
    const options = await read()
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

  async removeAll(request: ResourceRequest, read: Read<Members>): Promise<Listed> {
    const { resource } = request
    const { remove } = resource.store
    if (!remove || !resource.verbs.includes('deletecollection')) throw notAllowed(resource.plural)
    await authoriseRequest(this.#registry, request, 'deletecollection')
    const options = await read()
    const { items, metadata } = await this.list(request)
    const gone: WireObject[] = []
    for (const item of items) {
      const name = textOf(item.metadata['name'], 'name')
      if (await goes(() => remove(this.#change(request, options), name, {}))) gone.push(item)
    }
    return { items: gone, metadata }
  }

  async #found({ resource, path, by }: ResourceRequest): Promise<WireObject> {
    const { namespace, name = '' } = path
    const found = await resource.store.get(namespace, name, by)
    if (found) return found
    throw notFound(resource, name)
  }

  #change({ by, path, query }: ResourceRequest, options: Members = {}) {
    const asked =
      query('dryRun') ?? (Array.isArray(options['dryRun']) ? options['dryRun'][0] : undefined)
    if (asked !== undefined && asked !== 'All')
      throw badRequest('dryRun: Unsupported value: supported values: "All"')
    return { by, namespace: path.namespace, dryRun: asked === 'All' }
  }
}

/** False of what somebody else has removed meanwhile. */
async function goes(remove: () => Promise<unknown>): Promise<boolean> {
  try {
    await remove()
    return true
  } catch (error) {
    if (error instanceof ObjectError && error.reason === 'NotFound') return false
    throw error
  }
}
