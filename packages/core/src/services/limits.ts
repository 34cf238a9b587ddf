/**
 * What a put of a manifest may add where its project has limits. What there is, is counted when it matters and not kept
 * as a number, which could come to differ from it. Two puts at once cannot both take the last place: each takes the
 * turn of the repository (of the project, where it makes a repository) before it counts, and its transaction fails where
 * another has had a turn since. Nothing of this is read or written where there is no limit.
 */
import type { Digest } from '../digest.ts'
import { creating, imageLimit, refuseImage } from '../limits/image-limit.ts'
import { LimitError } from '../limits/limit-error.ts'
import { IMAGE_TAGS, IMAGES, STREAM_LIMIT } from '../limits/limit-range.ts'
import type { Limit, ProjectLimits } from '../limits/project-limits.ts'
import { STREAMS } from '../limits/resource-quota.ts'
import type { Manifest } from '../manifest.ts'
import type { Clock } from '../ports/clock.ts'
import type { Table, Write } from '../ports/table.ts'
import {
  CATALOG,
  MANIFEST_PREFIX,
  projectKey,
  randomId,
  repositoryKey,
  repositoryPk,
  TAG_PREFIX,
} from '../records/keys.ts'
import type { RepositoryRecord } from '../records/repository-record.ts'
import type { Tag } from '../reference.ts'
import { projectOf, type ProjectName, type RepositoryName } from '../repository-name.ts'
import { eachRecord } from './each-record.ts'

export interface AskedPut {
  readonly repository: RepositoryName
  readonly limits: ProjectLimits
  /** The project's turn. */
  readonly turn: string
  readonly digest: Digest
  readonly manifest: Manifest
  /** The manifest is there already. */
  readonly isPresent: boolean
  readonly tags: readonly Tag[]
  /** The repository's record, if there is one. */
  readonly row: RepositoryRecord | undefined
}

export class Limits {
  readonly #table: Table
  readonly #clock: Clock

  constructor(table: Table, clock: Clock) {
    this.#table = table
    this.#clock = clock
  }

  /**
   * The writes that have to join the put's; one of them makes the repository where there is none. `undefined` when another
   * writer was faster. Refuses with `LimitError`, for the first limit that the put would exceed.
   */
  async admit(asked: AskedPut): Promise<readonly Write[] | undefined> {
    const { repository, limits, manifest, isPresent } = asked
    const size = manifest.blobs.reduce((sum, blob) => sum + blob.size, 0)
    if (!isPresent) refuseImage(imageLimit(limits), repository, size)
    const streams = asked.row ? undefined : limits.hard(STREAMS)
    if (streams) await this.#admitStream(repository, streams)
    const guards = streams ? [turnOf(projectOf(repository), asked.turn)] : []
    const ofStream = await this.#admitToStream(asked)
    return ofStream && [...guards, ...ofStream]
  }

  /** How many repositories a project has. */
  async streams(project: string): Promise<number> {
    return (await this.#names(CATALOG, `${project}/`)).size
  }

  async #admitStream(repository: RepositoryName, { object, most, text }: Limit): Promise<void> {
    const prefix = `${projectOf(repository)}/`
    const names = await this.#names(CATALOG, prefix)
    if (names.has(repository.slice(prefix.length)) || names.size < most) return
    const message = `exceeded quota: ${object}, requested: ${STREAMS}=1, used: ${STREAMS}=${names.size}, limited: ${STREAMS}=${text}`
    throw new LimitError(message, creating(repository))
  }

  async #admitToStream(asked: AskedPut): Promise<readonly Write[] | undefined> {
    const { repository, limits, row, digest, isPresent, tags } = asked
    const images = isPresent ? undefined : limits.max(STREAM_LIMIT, IMAGES)
    const imageTags = tags.length === 0 ? undefined : limits.max(STREAM_LIMIT, IMAGE_TAGS)
    if (!images && !imageTags) return row ? [] : [this.#newRow(repository)]
    const turn = row ? await this.#turn(repository, row) : this.#newRow(repository)
    if (!turn) return undefined
    const pk = repositoryPk(repository)
    if (images)
      refuseMore(repository, images, IMAGES, await this.#names(pk, MANIFEST_PREFIX), [digest])
    if (imageTags)
      refuseMore(repository, imageTags, IMAGE_TAGS, await this.#names(pk, TAG_PREFIX), tags)
    return [turn]
  }

  /** Fails where another put made the repository meanwhile. */
  #newRow(repository: RepositoryName): Write {
    const item = { createdAt: this.#clock.now(), turn: randomId() }
    return { put: repositoryKey(repository), item, when: 'absent' }
  }

  /** A repository that was pushed to before there was a limit has no turn yet. */
  async #turn(repository: RepositoryName, row: RepositoryRecord): Promise<Write | undefined> {
    const update = repositoryKey(repository)
    let { turn } = row
    if (turn === undefined) {
      turn = randomId()
      const outcome = await this.#table.transact([{ update, set: { turn }, when: 'present' }])
      if (!outcome.ok) return undefined
    }
    return { update, set: { turn: randomId() }, when: { equals: { turn } } }
  }

  /** One page of records at a time: those of images hold their manifests. */
  async #names(pk: string, prefix: string): Promise<ReadonlySet<string>> {
    const names = new Set<string>()
    for await (const { sk } of eachRecord(this.#table, pk, prefix)) {
      names.add(sk.slice(prefix.length))
    }
    return names
  }
}

const turnOf = (project: ProjectName, turn: string): Write => ({
  update: projectKey(project),
  set: { turn: randomId() },
  when: { equals: { turn } },
})

/** What adds nothing is let in, however much there is already. */
function refuseMore(
  repository: RepositoryName,
  { most, text }: Limit,
  resource: string,
  names: ReadonlySet<string>,
  added: readonly string[],
): void {
  const { size } = new Set([...names, ...added])
  if (size === names.size || size <= most) return
  const message = `requested usage of ${resource} exceeds the maximum limit per ${STREAM_LIMIT} (${size} > ${text})`
  throw new LimitError(message, creating(repository))
}
