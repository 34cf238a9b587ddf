/**
 * What an upstream lists: tags of a repository, referrers of a manifest. Lists change at any time, so they are believed for a
 * minute only; while the upstream cannot be asked, the last one is, for as long as this process has it.
 */
import { BoundedMap } from '../bounded-map.ts'
import type { Digest } from '../digest.ts'
import type { Clock } from '../ports/clock.ts'
import { UpstreamError } from '../ports/upstream.ts'
import type { RepositoryName } from '../repository-name.ts'
import { refuseDenied, remoteName, type Cache } from './caches.ts'

const AGE_MS = 60_000
/** Of all lists together, in one process; of entries of `ENTRY` characters, as long as a tag may be. */
const MOST_ENTRIES = 200_000
const ENTRY = 128

export interface UpstreamList<T> {
  /** `undefined`: the upstream has no such repository. */
  readonly entries: readonly T[] | undefined
  /** Why it is not the upstream's word of now, and how many seconds old that is; `undefined` where it never said any. */
  readonly failure?: UpstreamError
  readonly age?: number
}

interface Kept {
  readonly entries: readonly unknown[] | undefined
  readonly at: number
  /** In entries of `ENTRY` characters. */
  readonly weight: number
}

const weightOf = (entries: readonly unknown[] = []): number =>
  entries.reduce<number>((sum, entry) => {
    const { length } = typeof entry === 'string' ? entry : (JSON.stringify(entry) ?? '')
    return sum + Math.ceil(length / ENTRY)
  }, 1)

export class UpstreamLists {
  readonly #clock: Clock
  readonly #kept = new BoundedMap<string, Kept>(MOST_ENTRIES, ({ weight }) => weight)
  readonly #asking = new Map<string, Promise<Kept>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  tags(cache: Cache, repository: RepositoryName): Promise<UpstreamList<string>> {
    const remote = remoteName(cache, repository)
    return this.#list(cache, remote, `tags ${repository}`, () => cache.upstream.tags(remote))
  }

  referrers(
    cache: Cache,
    repository: RepositoryName,
    subject: Digest,
  ): Promise<UpstreamList<unknown>> {
    const remote = remoteName(cache, repository)
    return this.#list(cache, remote, `referrers ${repository} ${subject}`, () =>
      cache.upstream.referrers(remote, subject),
    )
  }

  async #list<T>(
    cache: Cache,
    remote: string,
    key: string,
    ask: () => Promise<readonly T[] | undefined>,
  ): Promise<UpstreamList<T>> {
    refuseDenied(cache, remote)
    const known = this.#kept.get(key)
    const entriesOf = ({ entries }: Kept) => entries as readonly T[] | undefined
    if (known && this.#clock.now() - known.at < AGE_MS) return { entries: entriesOf(known) }
    try {
      if (cache.loop) throw cache.loop
      return { entries: entriesOf(await this.#ask(cache, key, ask)) }
    } catch (failure) {
      if (!(failure instanceof UpstreamError)) throw failure
      if (!known) return { entries: undefined, failure }
      const age = Math.max(0, Math.floor((this.#clock.now() - known.at) / 1000))
      return { entries: entriesOf(known), failure, age }
    }
  }

  /** Of all who ask at once, one does. */
  #ask(
    cache: Cache,
    key: string,
    ask: () => Promise<readonly unknown[] | undefined>,
  ): Promise<Kept> {
    const asking = this.#asking.get(key)
    if (asking) return asking
    const asked = cache.circuit
      .ask(ask)
      .then((entries) => {
        const kept = { entries, at: this.#clock.now(), weight: weightOf(entries) }
        this.#kept.set(key, kept)
        return kept
      })
      .finally(() => this.#asking.delete(key))
    this.#asking.set(key, asked)
    return asked
  }
}
