/** Which projects cache which upstreams, and by what names clients may ask for them. */
import { BoundedMap } from '../bounded-map.ts'
import { RegistryError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import { UpstreamError, type Upstream, type UpstreamDialer } from '../ports/upstream.ts'
import { parseProjectName, parseRepositoryName, projectOf } from '../repository-name.ts'
import type { ProjectName, RepositoryName } from '../repository-name.ts'
import { matchesPattern } from '../upstream/matches-pattern.ts'
import { MOST_UPSTREAMS, type UpstreamSettings } from '../upstream/upstream-settings.ts'
import type { ImageSource } from '../records/image-source.ts'
import type { Catalog } from './catalog.ts'
import { Circuit, type CircuitTold } from './circuit.ts'
import type { ObjectCollection } from './object-collection.ts'
import type { Projects } from './projects.ts'

/** How long settings that were read are used again, and a project is known to exist. */
const AGE_MS = 10_000
/** The same, where somebody names one that is none by then. */
const UNKNOWN_AGE_MS = 1_000
const MOST_PROJECTS = 1000

/** Registries that a question may have come through; a chain of caches is not longer. */
const MOST_HOPS = 10

/** A project, as what it is: a copy of an upstream that grows as it is asked for. */
export interface Cache {
  readonly project: ProjectName
  /** The upstream's name. */
  readonly name: string
  readonly settings: UpstreamSettings
  readonly upstream: Upstream
  readonly circuit: Circuit
  /**
   * Registries that asked before this one. Who waits with others for an answer waits with those of as many: each question
   * that it leads to has come through one more, so that none ever waits for itself.
   */
  readonly hops: number
  /** Why whoever asks may have only what is here: his question would come back, or has come too far. */
  readonly loop: UpstreamError | undefined
  /** Where an imported image comes from: then the project has images of its own besides. */
  readonly source?: ImageSource
}

interface Known {
  readonly settings: ReadonlyMap<string, UpstreamSettings>
  /** Names and aliases. */
  readonly names: ReadonlyMap<string, string>
  readonly readAt: number
}

/** A project, by when it was seen. */
interface Seen {
  /** `undefined`: it holds images of its own. */
  readonly upstream: string | undefined
  readonly at: number
}

export interface CachesOptions {
  readonly dialer: UpstreamDialer
  /** What this registry calls itself to upstreams: the same in all its processes, and another registry's never. */
  readonly pseudonym: string
  readonly catalog: Catalog
  /** The upstream whose repositories are found at the root, where no project has the name. */
  readonly rootUpstream: string | undefined
  readonly told?: CircuitTold | undefined
}

export class Caches {
  readonly pseudonym: string
  readonly #upstreams: ObjectCollection<UpstreamSettings>
  readonly #projects: Projects
  readonly #clock: Clock
  readonly #options: CachesOptions
  /** Each with the settings by which its upstream was asked: others may reach it where these did not. */
  readonly #circuits = new Map<string, { readonly by: string; readonly circuit: Circuit }>()
  /** Projects that there are, and when they were seen. One that is missing may be made at any moment. */
  readonly #seen = new BoundedMap<ProjectName, Seen>(MOST_PROJECTS)
  #known: Known | undefined

  constructor(
    upstreams: ObjectCollection<UpstreamSettings>,
    projects: Projects,
    clock: Clock,
    options: CachesOptions,
  ) {
    this.#upstreams = upstreams
    this.#projects = projects
    this.#clock = clock
    this.#options = options
    this.pseudonym = options.pseudonym
  }

  /** `undefined` where the project is no cache, or there is none. `via`: the registries that asked before this one. */
  async of(project: ProjectName, via: readonly string[] = []): Promise<Cache | undefined> {
    // One that caches is looked up each time: nothing more may come into one that was deleted.
    const seen = this.#seenLately(project)
    if (seen && seen.upstream === undefined) return undefined
    const name = (await this.#look(project))?.upstream
    return name === undefined ? undefined : this.#open(project, name, via)
  }

  /** What was imported into the project from there. */
  async imported(
    project: ProjectName,
    source: ImageSource,
    via: readonly string[] = [],
  ): Promise<Cache> {
    return { ...(await this.#open(project, source.upstream, via)), source }
  }

  /** The upstream of that name or alias. */
  async named(name: string): Promise<string | undefined> {
    return (await this.#read()).names.get(name)
  }

  async #open(project: ProjectName, name: string, via: readonly string[]): Promise<Cache> {
    // Its project is there: perhaps it came just now.
    const settings =
      (await this.#read()).settings.get(name) ?? (await this.#read(0)).settings.get(name)
    if (!settings) {
      const detail = `project ${project} reads through upstream ${name}, which is not configured: add it`
      throw new RegistryError('UNAVAILABLE', detail)
    }
    const circuit = this.#circuitOf(name, settings)
    const upstream = this.#options.dialer.dial(name, settings, [...via, this.pseudonym])
    return {
      project,
      name,
      settings,
      upstream,
      circuit,
      hops: via.length,
      loop: this.#loop(name, via),
    }
  }

  /**
   * Whether whoever reads through the root upstream may mean a repository of it by a name that begins so: then a project of
   * that name would give him other images. So are those with the upstream's prefix, and those that are here already.
   */
  async isUsedAtRoot(project: ProjectName): Promise<boolean> {
    const { catalog, rootUpstream } = this.#options
    if (rootUpstream === undefined) return false
    if ((await this.#read()).settings.get(rootUpstream)?.defaultPrefix === project) return true
    const within = `${rootUpstream}/${project}/`
    const { repositories } = await catalog.list([parseProjectName(rootUpstream)], 1, within)
    return repositories[0]?.startsWith(within) ?? false
  }

  #loop(name: string, via: readonly string[]): UpstreamError | undefined {
    if (via.includes(this.pseudonym)) {
      const why = 'is not asked: the question came from this registry, through an upstream of its'
      return new UpstreamError(name, 'looping', why)
    }
    if (via.length <= MOST_HOPS) return undefined
    const why = `is not asked: the question came through more than ${MOST_HOPS} registries`
    return new UpstreamError(name, 'looping', why)
  }

  #circuitOf(name: string, settings: UpstreamSettings): Circuit {
    const by = JSON.stringify(settings)
    const known = this.#circuits.get(name)
    if (known?.by === by) return known.circuit
    const circuit = new Circuit(name, this.#clock, this.#options.told)
    this.#circuits.set(name, { by, circuit })
    return circuit
  }

  /**
   * The repository that a client means by a name of an upstream: `ns` is a key among the configured names, never a host to
   * ask. Refuses one that nobody configured.
   */
  async inNamespace(ns: string, name: string): Promise<RepositoryName> {
    // Of ASCII alone: what else becomes one of its letters can be said in no header.
    const key = ns.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
    const upstream =
      (await this.#read()).names.get(key) ?? (await this.#read(UNKNOWN_AGE_MS)).names.get(key)
    if (upstream !== undefined) return this.#within(upstream, name)
    throw new RegistryError('NAME_UNKNOWN', `namespace ${JSON.stringify(ns)} is no upstream here`)
  }

  /**
   * The name itself, or within the root upstream where its first part is no project (docker's `registry-mirrors`); at once for a
   * project that was seen lately.
   */
  atRoot(name: string): string | Promise<string> {
    const { rootUpstream } = this.#options
    if (rootUpstream === undefined) return name
    const slash = name.indexOf('/')
    if (slash < 0) return this.#within(rootUpstream, name)
    const project = name.slice(0, slash) as ProjectName
    if (this.#seenLately(project)) return name
    return this.#look(project).then((seen) => (seen ? name : this.#within(rootUpstream, name)))
  }

  /** A name of one component stands for the one with the upstream's prefix. */
  async #within(upstream: string, name: string): Promise<RepositoryName> {
    const prefix = (await this.#read()).settings.get(upstream)?.defaultPrefix
    const whole = prefix !== undefined && !name.includes('/') ? `${prefix}/${name}` : name
    return parseRepositoryName(`${upstream}/${whole}`)
  }

  #seenLately(project: ProjectName): Seen | undefined {
    const now = this.#clock.now()
    const seen = this.#seen.get(project)
    return seen && now >= seen.at && now - seen.at < AGE_MS ? seen : undefined
  }

  async #look(project: ProjectName): Promise<Seen | undefined> {
    const at = this.#clock.now()
    const found = await this.#projects.find(project)
    const seen = found && { upstream: found.upstream, at }
    if (seen) this.#seen.set(project, seen)
    return seen
  }

  /** `age`: of what was read, which may be used again; milliseconds. */
  async #read(age = AGE_MS): Promise<Known> {
    const now = this.#clock.now()
    const known = this.#known
    if (known && now >= known.readAt && now - known.readAt < age) return known
    const { objects } = await this.#upstreams.list(undefined, { limit: MOST_UPSTREAMS })
    const settings = new Map(objects.map(({ meta, content }) => [meta.name, content]))
    const names = new Map<string, string>()
    for (const [name, { aliases }] of settings) for (const alias of aliases) names.set(alias, name)
    for (const name of settings.keys()) names.set(name, name)
    return (this.#known = { settings, names, readAt: now })
  }
}

type Named = Pick<Cache, 'project' | 'settings' | 'source'>

/** Who shares one transfer of a blob (`FillRecord.within`). */
export const fillsWithin = (
  { project, source }: Named,
  repository: RepositoryName,
): ProjectName | RepositoryName => (source ? repository : project)

/** What the upstream calls a repository of its cache. */
export function remoteName(
  { project, settings, source }: Named,
  repository: RepositoryName,
): string {
  if (source) return source.repository
  const name = repository.slice(project.length + 1)
  return settings.defaultPrefix !== undefined && !name.includes('/')
    ? `${settings.defaultPrefix}/${name}`
    : name
}

/** Where a cache keeps a repository, whichever of its names it was asked by. */
export const keptAs = (cache: Named, repository: RepositoryName): RepositoryName =>
  cache.source
    ? repository
    : (`${projectOf(repository)}/${remoteName(cache, repository)}` as RepositoryName)

/** Refuses what the settings do not let through. */
export function refuseDenied({ name, settings }: Cache, remote: string): void {
  const { allow, deny } = settings
  const matches = (pattern: string): boolean => matchesPattern(pattern, remote)
  if (!deny.some(matches) && (allow.length === 0 || allow.some(matches))) return
  throw new RegistryError('DENIED', `upstream ${name} is not read through for ${remote}`)
}
