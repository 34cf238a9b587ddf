/** The upstreams of the API: each has a project of its name, which caches it. */
import { ObjectError } from '../object-error.ts'
import type { Identity } from '../ports/identity-provider.ts'
import type { BindingContent } from '../rbac/binding.ts'
import { parseProjectName, type ProjectName } from '../repository-name.ts'
import type { ObjectDraft, StoredObject } from '../stored-object.ts'
import { MOST_UPSTREAMS, type UpstreamSettings } from '../upstream/upstream-settings.ts'
import type { ObjectCollection } from './object-collection.ts'
import { SHARED } from './project-objects.ts'
import type { Projects } from './projects.ts'

export class UpstreamObjects implements ObjectCollection<UpstreamSettings> {
  readonly #stored: ObjectCollection<UpstreamSettings>
  readonly #projects: Projects
  readonly #bindings: ObjectCollection<BindingContent>
  readonly get: ObjectCollection<UpstreamSettings>['get']
  readonly list: ObjectCollection<UpstreamSettings>['list']
  readonly remove: ObjectCollection<UpstreamSettings>['remove']

  constructor(
    stored: ObjectCollection<UpstreamSettings>,
    projects: Projects,
    bindings: ObjectCollection<BindingContent>,
  ) {
    this.#stored = stored
    this.#projects = projects
    this.#bindings = bindings
    this.get = (...args) => stored.get(...args)
    this.list = (...args) => stored.list(...args)
    this.remove = (...args) => stored.remove(...args)
  }

  /**
   * Conflict where a project of the name holds images of its own. `by` becomes the administrator of the cache; `anyone` as
   * in `ensureCaches`.
   */
  async create(
    by: Identity,
    namespace: string | undefined,
    draft: ObjectDraft<UpstreamSettings>,
    options: { readonly dryRun?: boolean; readonly anyone?: boolean } = {},
  ): Promise<StoredObject<UpstreamSettings>> {
    const tried = await this.#stored.create(by, namespace, draft, { dryRun: true })
    const project = parseProjectName(draft.name)
    const there = await this.#projects.find(project)
    if (there && there.upstream !== draft.name) {
      const detail = `project ${project} exists, and is no cache of it: name the upstream otherwise`
      const what = `Operation cannot be fulfilled on upstreams.sluice.dev "${draft.name}": ${detail}`
      throw new ObjectError('Conflict', what)
    }
    if (options.dryRun) return tried
    // Of one that was removed: whatever its settings let in.
    if (there && !isOpen(draft)) await this.#close(by, project)
    const created = await this.#stored.create(by, namespace, draft)
    await this.#ensure(draft.name, draft.content, by.user, options.anyone ?? false)
    return created
  }

  /**
   * Closes the cache of one that asks for credentials from now on, before anything is fetched with them. `by` becomes the
   * administrator of the cache where that is missing.
   */
  async replace(
    ...[by, namespace, draft, options = {}]: Parameters<
      ObjectCollection<UpstreamSettings>['replace']
    >
  ): Promise<StoredObject<UpstreamSettings>> {
    const before = await this.#stored.get(namespace, draft.name)
    const tried = await this.#stored.replace(by, namespace, draft, { ...options, dryRun: true })
    if (options.dryRun) return tried
    if (before && isOpen(before) && !isOpen(draft)) {
      await this.#close(by, parseProjectName(draft.name))
    }
    const replaced = await this.#stored.replace(by, namespace, draft, options)
    // Those of presets may be missing.
    await this.#ensure(draft.name, draft.content, by.user, false)
    return replaced
  }

  /** Brings the upstreams to what the owner of the registry says, and gives each its cache; others stay. */
  async apply(
    by: Identity,
    drafts: readonly ObjectDraft<UpstreamSettings>[],
    anyone: boolean,
  ): Promise<void> {
    for (const draft of drafts) {
      const there = await this.get(undefined, draft.name)
      if (!there) await this.create(by, undefined, draft, { anyone })
      else if (JSON.stringify(there.content) !== JSON.stringify(draft.content)) {
        // The caches of presets may be missing.
        await this.#ensure(draft.name, draft.content, undefined, anyone)
        await this.replace(by, undefined, draft)
      }
    }
    await this.ensureCaches(anyone)
  }

  /** In ASCII order. */
  async names(): Promise<readonly string[]> {
    const { objects } = await this.#stored.list(undefined, { limit: MOST_UPSTREAMS })
    return objects.map(({ meta }) => meta.name)
  }

  /** Makes the caches that are missing. `anyone`: those of upstreams that ask for no credentials are public. */
  async ensureCaches(anyone: boolean): Promise<void> {
    const { objects } = await this.#stored.list(undefined, { limit: MOST_UPSTREAMS })
    for (const { meta, content } of objects) {
      await this.#ensure(meta.name, content, undefined, anyone)
    }
  }

  /** What was fetched with credentials is for those alone whom somebody lets in; anything else for all who log in. */
  async #ensure(
    name: string,
    content: UpstreamSettings,
    owner: string | undefined,
    anyone: boolean,
  ): Promise<void> {
    const open = isOpen({ content })
    const settings = { upstream: name, shared: open, public: open && anyone }
    await this.#projects.create(parseProjectName(name), settings, owner)
  }

  /** Lets in those alone to whom somebody has given a right. */
  async #close(by: Identity, project: ProjectName): Promise<void> {
    await this.#projects.change(project, { public: false })
    if (await this.#bindings.get(project, SHARED)) {
      await this.#bindings.remove(by, project, SHARED)
    }
  }
}

const isOpen = ({ content }: { readonly content: UpstreamSettings }): boolean =>
  content.credentials === undefined
