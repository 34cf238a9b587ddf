/** What was asked of the registry and what it answered: from that, what must, may and must not be there. */
import { possibleValues, type Operation } from './history.ts'

export interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

export interface LoadManifest {
  readonly repository: string
  readonly descriptor: Descriptor
  /** Made anew each time: a hundred large ones are not worth the memory. */
  readonly bytes: () => Buffer
  readonly blobs: readonly Descriptor[]
  readonly subject: string | undefined
}

/** An upload that a client has begun and may go on with. */
export interface OpenUpload {
  readonly repository: string
  readonly location: string
  readonly content: Buffer
  /** Where it may stand: what was acknowledged, and what was on its way. */
  offsets: readonly number[]
}

/** A tag or a manifest, and all that was done to it since it was last seen while nothing moved. */
export interface Entry {
  readonly repository: string
  /** A tag, or a digest. */
  readonly reference: string
  readonly manifest: LoadManifest | undefined
  operations: Operation[]
  touched: boolean
}

const PRESENT = 'present'

/** One request; exactly one of these tells how it ended. Without any it is `maybe` once the server is dead. */
export interface Pending {
  done(): void
  refused(): void
}

export class Ledger {
  /** Never deleted. */
  readonly kept = new Set<LoadManifest>()
  /** Of clients that are at it. */
  readonly uploads = new Set<OpenUpload>()
  /** Of clients that went away, or whose server did. */
  readonly leftUploads = new Set<OpenUpload>()
  /** By repository, then by tag or digest. */
  readonly #entries = new Map<string, Map<string, Entry>>()
  #time = 0
  #underWay = new Set<Operation>()

  put(manifest: LoadManifest, tags: readonly string[]): Pending {
    const { repository, descriptor } = manifest
    const entries: [Entry, string][] = [
      [this.#entry(repository, descriptor.digest, manifest), PRESENT],
      ...tags.map((tag): [Entry, string] => [this.#entry(repository, tag), descriptor.digest]),
    ]
    return this.#begin(entries.map(([entry, value]) => [entry, 'put', value]))
  }

  deleteTag(repository: string, tag: string): Pending {
    return this.#begin([[this.#entry(repository, tag), 'delete', undefined]])
  }

  /** Takes every tag along that names it. */
  deleteManifest(manifest: LoadManifest): Pending {
    const { repository, descriptor } = manifest
    for (const entry of this.#tagsOf(repository, descriptor.digest)) entry.touched = true
    const entry = this.#entry(repository, descriptor.digest, manifest)
    return this.#begin([[entry, 'delete', undefined]])
  }

  /** The server is dead: whatever has no answer has happened by now, or never will. */
  settle(): void {
    this.#time++
    for (const operation of this.#underWay) {
      Object.assign(operation, { outcome: 'maybe', ended: this.#time })
    }
    this.#underWay = new Set()
    for (const upload of this.uploads) this.leftUploads.add(upload)
    this.uploads.clear()
  }

  get unanswered(): number {
    return this.#underWay.size
  }

  /** Of a tag: digests; of a manifest: `present`; and `undefined` where it may be absent. */
  possible({ repository, manifest, operations }: Entry): ReadonlySet<string | undefined> {
    if (manifest) return possibleValues(operations)
    const named = new Set(operations.flatMap(({ value }) => value ?? []))
    const takes = [...named].flatMap((digest) =>
      (this.#entries.get(repository)?.get(digest)?.operations ?? [])
        .filter(({ kind }) => kind === 'delete')
        .map((operation): Operation => ({ ...operation, value: digest })),
    )
    return possibleValues([...operations, ...takes])
  }

  /** Seen while nothing moves: from here on it counts as known. */
  observe(entry: Entry, value: string | undefined): void {
    this.#time++
    const kind = value === undefined ? 'delete' : 'put'
    const known = { kind, value, begun: this.#time, ended: this.#time, outcome: 'done' } as const
    entry.operations = [known]
    entry.touched = false
  }

  get repositories(): readonly string[] {
    return [...this.#entries.keys()]
  }

  /** Of one repository, or all. */
  entries(repository?: string): Entry[] {
    if (repository === undefined) return this.repositories.flatMap((name) => this.entries(name))
    return [...(this.#entries.get(repository)?.values() ?? [])]
  }

  /** Those that may be there. */
  manifests(repository: string): LoadManifest[] {
    return this.entries(repository).flatMap((entry) =>
      entry.manifest && this.possible(entry).has(PRESENT) ? [entry.manifest] : [],
    )
  }

  #tagsOf(repository: string, digest: string): Entry[] {
    return this.entries(repository)
      .filter(({ manifest }) => !manifest)
      .filter(({ operations }) => operations.some(({ value }) => value === digest))
  }

  #entry(repository: string, reference: string, manifest?: LoadManifest): Entry {
    const entries = this.#entries.get(repository) ?? new Map<string, Entry>()
    this.#entries.set(repository, entries)
    const known = entries.get(reference)
    const entry = known ?? { repository, reference, manifest, operations: [], touched: true }
    if (!known) entries.set(reference, entry)
    return entry
  }

  #begin(changes: readonly (readonly [Entry, Operation['kind'], string | undefined])[]): Pending {
    this.#time++
    const operations = changes.map(([entry, kind, value]): Operation => {
      const operation: Operation = {
        kind,
        value,
        begun: this.#time,
        ended: Infinity,
        outcome: 'under way',
      }
      entry.operations.push(operation)
      entry.touched = true
      this.#underWay.add(operation)
      return operation
    })
    const end = (outcome: Operation['outcome']) => (): void => {
      this.#time++
      for (const operation of operations) {
        Object.assign(operation, { outcome, ended: this.#time })
        this.#underWay.delete(operation)
      }
    }
    return { done: end('done'), refused: end('refused') }
  }
}
