/** Lists of any resource: of a project, of all projects, or of what belongs to none. */
import type { Registry } from '@sluice/core/registry'
import { authoriseRequest } from './authorise-request.ts'
import { continueText, limitOf, placeOf, type ListPlace } from './list-place.ts'
import { notAllowed } from './not-allowed.ts'
import type { ResourceRequest } from './resource-request.ts'
import type { ListedPage } from './resource.ts'
import { fieldSelector, labelSelector } from './selectors.ts'
import { textOf, type Members, type WireObject } from './wire-object.ts'

export interface Listed {
  readonly items: readonly WireObject[]
  readonly metadata: Members
}

interface PlacedPage {
  readonly items: readonly WireObject[]
  readonly next?: ListPlace
}

export class ResourceLists {
  readonly #registry: Registry

  constructor(registry: Registry) {
    this.#registry = registry
  }

  async list(request: ResourceRequest): Promise<Listed> {
    const { resource, path, by, query } = request
    const { list } = resource.store
    if (!list) throw notAllowed(resource.plural)
    await authoriseRequest(this.#registry, request, 'list')
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
    const newest = seen.reduce(
      (most, { metadata }) => Math.max(most, Number(metadata['resourceVersion'] ?? 0)),
      0,
    )
    return {
      items: seen,
      metadata: {
        resourceVersion: String(newest),
        ...(next === undefined ? {} : { continue: continueText(next) }),
      },
    }
  }

  /** Project by project, each page of the list beginning where the one before ended. */
  async #everywhere(
    { resource, by }: ResourceRequest,
    limit: number,
    place: ListPlace,
  ): Promise<PlacedPage> {
    const { list } = resource.store
    const items: WireObject[] = []
    for await (const namespace of resource.namespaces ?? this.#registry.projects.list()) {
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
}

const placed = ({ items, next }: ListedPage): PlacedPage =>
  next === undefined ? { items } : { items, next: { after: next } }
