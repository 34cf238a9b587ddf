/** A running registry with so many tags and repositories, and how long it takes over everyday requests. */
import { cataloguePage, PAGE, pull, push, tagPage, type Request } from './everyday-requests.ts'
import { fillRepositories, fillTags, repositoryName, tagName } from './fill.ts'
import { expectStatus } from './http-exchange.ts'
import { inParallel } from './in-parallel.ts'
import { median } from './median.ts'
import type { RunningPeer } from './peers/peer.ts'
import { scopeOf } from './push-image.ts'

const REPOSITORY = 'default/bench'
const SCOPES = [scopeOf(REPOSITORY), 'registry:catalog:*']
/** Whoever has not taken all by then is measured with what it has. */
const FILL_SECONDS = 900
/** Connections while warming up. */
const WARMING = 8

const count = (n: number): string => n.toLocaleString('en-US')

export class FilledRegistry {
  readonly size: string
  readonly seconds: number
  /** Why requests failed, by their names; one failure makes a figure worthless. */
  readonly failures = new Map<string, string>()
  readonly #server: RunningPeer
  readonly #requests: ReadonlyMap<string, Request>
  readonly #times = new Map<string, number[]>()

  private constructor(server: RunningPeer, tags: number, repositories: number, seconds: number) {
    this.size = `${count(tags)} tags, ${count(repositories)} repositories`
    this.seconds = seconds
    this.#server = server
    const [tag, repository] = [tagName(tags >> 1), repositoryName(repositories >> 1)]
    this.#requests = new Map([
      ['tag list, first page', tagPage(REPOSITORY)],
      ['tag list, page in the middle', tagPage(REPOSITORY, tags > PAGE ? tag : undefined)],
      ['catalogue, first page', cataloguePage()],
      [
        'catalogue, page in the middle',
        cataloguePage(repositories > PAGE ? repository : undefined),
      ],
      ['push', push(REPOSITORY)],
      ['pull', pull(REPOSITORY, tag)],
    ])
  }

  /** `total` requests' worth of names, `distinct` of them different. */
  static async fill(server: RunningPeer, distinct: number, total: number): Promise<FilledRegistry> {
    const began = performance.now()
    const extent = { distinct, total, seconds: FILL_SECONDS }
    const tags = await fillTags(server, REPOSITORY, extent)
    const repositories = await fillRepositories(server, extent)
    return new FilledRegistry(server, tags, repositories, (performance.now() - began) / 1000)
  }

  get names(): readonly string[] {
    return [...this.#requests.keys()]
  }

  /** Filling one registry warms its code up more than filling another: this brings both as far as it goes. */
  async warmUp(seconds: number): Promise<void> {
    const headers = await this.#server.authorize(...SCOPES)
    const deadline = performance.now() + seconds * 1000
    await inParallel(Infinity, WARMING, deadline, () => this.#ask(headers, false))
  }

  /** Every request once. */
  async measure(): Promise<void> {
    const headers = await this.#server.authorize(...SCOPES)
    // Checking a password leaves the caches cold; the first request to be timed should not be the one to suffer.
    await expectStatus(200, 'GET', `${this.#server.url}/v2/`, { headers })
    await this.#ask(headers, true)
  }

  async #ask(headers: Readonly<Record<string, string>>, counts: boolean): Promise<void> {
    for (const [name, request] of this.#requests) {
      try {
        const took = await request(this.#server, headers)
        if (counts) this.#times.set(name, [...(this.#times.get(name) ?? []), took])
      } catch (error) {
        this.failures.set(name, error instanceof Error ? error.message : String(error))
      }
    }
  }

  /** The median, in milliseconds. */
  latency(name: string): number {
    return median(this.#times.get(name) ?? [])
  }
}
