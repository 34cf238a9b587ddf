/** The objects of one kind in the table. */
import { randomUUID } from 'node:crypto'
import { ObjectError } from '../object-error.ts'
import type { Clock } from '../ports/clock.ts'
import type { Identity } from '../ports/identity-provider.ts'
import { MAX_TRANSACTION_WRITES } from '../ports/table-limits.ts'
import type { Condition, Item, Key, Table, Write } from '../ports/table.ts'
import { CLUSTER, projectKey, projectPk } from '../records/keys.ts'
import { goneItem, isGone, objectItem, objectRecord, versionOf } from '../records/object-record.ts'
import { isProjectName, type ProjectName } from '../repository-name.ts'
import type { ObjectDraft, ObjectMeta, StoredObject } from '../stored-object.ts'
import type { ObjectCollection, ObjectPage } from './object-collection.ts'
import type { ObjectKind } from './object-kind.ts'
import { pages } from './pages.ts'
import { refuseLarge } from './refuse-large.ts'
import { retrying } from './retrying.ts'

/** No name is longer (`rbac/name-problems.ts`); what a client asks for may be longer than a key can be. */
const MOST_NAME = 253

interface Found<Content> {
  readonly object: StoredObject<Content> | undefined
  /** Of the record, where there is one. */
  readonly version: number | undefined
}

export class StoredObjects<Content extends object> implements ObjectCollection<Content> {
  readonly #table: Table
  readonly #clock: Clock
  readonly #kind: ObjectKind<Content>
  readonly #prefix: string
  readonly #defaults: ReadonlyMap<string, StoredObject<Content>>

  constructor(table: Table, clock: Clock, kind: ObjectKind<Content>) {
    this.#table = table
    this.#clock = clock
    this.#kind = kind
    this.#prefix = `${kind.kind.toLowerCase()}#`
    this.#defaults = new Map((kind.defaults ?? []).map((object) => [object.meta.name, object]))
  }

  async get(
    namespace: string | undefined,
    name: string,
  ): Promise<StoredObject<Content> | undefined> {
    return (await this.#find(namespace, name)).object
  }

  async list(
    namespace: string | undefined,
    { limit, after }: { readonly limit: number; readonly after?: string },
  ): Promise<ObjectPage<Content>> {
    if (!isPlace(namespace)) return { objects: [] }
    const merges = this.#defaults.size > 0
    const { records, more } = await pages(this.#table, this.#pk(namespace), {
      prefix: this.#prefix,
      limit: merges ? Infinity : limit,
      ...(after === undefined || merges ? {} : { after: this.#prefix + after }),
    })
    const nameOf = (sk: string): string => sk.slice(this.#prefix.length)
    const stored = records.map(({ sk, item }) => [nameOf(sk), item] as const)
    if (!merges) {
      const objects = stored.map(([name, item]) => objectRecord<Content>(item, name, namespace))
      const next = objects.at(-1)?.meta.name
      return { objects, ...(more && next !== undefined ? { next } : {}) }
    }
    const all = new Map<string, StoredObject<Content>>(this.#defaults)
    for (const [name, item] of stored) {
      if (isGone(item)) all.delete(name)
      else all.set(name, objectRecord<Content>(item, name, namespace))
    }
    const sorted = [...all.values()]
      .filter(({ meta }) => after === undefined || meta.name > after)
      .toSorted((one, other) => (one.meta.name < other.meta.name ? -1 : 1))
    const objects = sorted.slice(0, limit)
    const next = objects.at(-1)?.meta.name
    return { objects, ...(sorted.length > limit && next !== undefined ? { next } : {}) }
  }

  async create(
    by: Identity,
    namespace: string | undefined,
    draft: ObjectDraft<Content>,
    { dryRun = false }: { readonly dryRun?: boolean } = {},
  ): Promise<StoredObject<Content>> {
    return retrying(async () => {
      const found = await this.#find(namespace, draft.name)
      if (found.object) throw this.#refusal('AlreadyExists', draft.name, 'already exists')
      await this.#admit(by, namespace, draft, undefined)
      const object = this.newObject(namespace, draft, found.version)
      const written =
        dryRun || (await this.#write(namespace, draft.name, found.version, undefined, object))
      return written ? object : undefined
    })
  }

  async replace(
    by: Identity,
    namespace: string | undefined,
    draft: ObjectDraft<Content>,
    {
      resourceVersion,
      dryRun = false,
    }: {
      readonly resourceVersion?: string
      readonly dryRun?: boolean
    } = {},
  ): Promise<StoredObject<Content>> {
    return retrying(async () => {
      const { object: before, version } = await this.#find(namespace, draft.name)
      if (!before) throw this.#refusal('NotFound', draft.name, 'not found')
      this.#refuseOther(before, resourceVersion)
      await this.#admit(by, namespace, draft, before)
      const after = {
        meta: this.#meta(namespace, draft, version, before.meta),
        content: draft.content,
      }
      const written = dryRun || (await this.#write(namespace, draft.name, version, before, after))
      return written ? after : undefined
    })
  }

  async remove(
    _by: Identity,
    namespace: string | undefined,
    name: string,
    {
      uid,
      resourceVersion,
      dryRun = false,
    }: {
      readonly uid?: string
      readonly resourceVersion?: string
      readonly dryRun?: boolean
    } = {},
  ): Promise<StoredObject<Content>> {
    return retrying(async () => {
      const { object: before, version } = await this.#find(namespace, name)
      if (!before) throw this.#refusal('NotFound', name, 'not found')
      if (uid !== undefined && uid !== before.meta.uid) {
        const detail = `the UID in the precondition (${uid}) does not match the UID in record (${before.meta.uid})`
        throw this.#conflict(name, detail)
      }
      this.#refuseOther(before, resourceVersion)
      const written = dryRun || (await this.#write(namespace, name, version, before, undefined))
      return written ? before : undefined
    })
  }

  /** The writes that make an object which cannot be there yet, for a transaction that makes more. */
  birth(object: StoredObject<Content>): Write[] {
    const { name, namespace } = object.meta
    const put = this.#key(namespace, name)
    const item = objectItem(object.meta, object.content)
    const also = namespace === undefined ? [] : this.#kind.also?.(namespace, undefined, object)
    return [{ put, item, when: 'absent' }, ...(also ?? [])]
  }

  newObject(
    namespace: string | undefined,
    draft: ObjectDraft<Content>,
    version?: number,
  ): StoredObject<Content> {
    return { meta: this.#meta(namespace, draft, version), content: draft.content }
  }

  #meta(
    namespace: string | undefined,
    { name, labels = {}, annotations = {} }: ObjectDraft<Content>,
    version: number | undefined,
    before?: ObjectMeta,
  ): ObjectMeta {
    const now = this.#clock.now()
    return {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      uid: before?.uid ?? randomUUID(),
      // Grows even where one object follows another of its name, and where the clock stands still.
      resourceVersion: String(Math.max(now, (version ?? 0) + 1)),
      createdAt: before?.createdAt ?? now,
      labels,
      annotations,
    }
  }

  async #find(namespace: string | undefined, name: string): Promise<Found<Content>> {
    const isKey = isPlace(namespace) && name.length <= MOST_NAME && name.isWellFormed()
    const item = isKey ? await this.#table.get(this.#key(namespace, name)) : undefined
    if (!item) return { object: this.#defaults.get(name), version: undefined }
    const object = isGone(item) ? undefined : objectRecord<Content>(item, name, namespace)
    return { object, version: versionOf(item) }
  }

  async #admit(
    by: Identity,
    namespace: string | undefined,
    draft: ObjectDraft<Content>,
    before: StoredObject<Content> | undefined,
  ): Promise<void> {
    refuseLarge(draft)
    const causes = this.#kind.problems(draft, before)
    if (causes.length > 0) {
      const { kind, group } = this.#kind
      const told = causes.map(({ field, message }) => `${field}: ${message}`)
      const list = told.length === 1 ? told[0] : `[${told.join(', ')}]`
      const what = group === '' ? kind : `${kind}.${group}`
      throw new ObjectError('Invalid', `${what} "${draft.name}" is invalid: ${list}`, causes)
    }
    await this.#kind.admit?.(by, namespace, draft, before)
  }

  /** False when another writer was faster. */
  async #write(
    namespace: string | undefined,
    name: string,
    version: number | undefined,
    before: StoredObject<Content> | undefined,
    after: StoredObject<Content> | undefined,
  ): Promise<boolean> {
    if (!isPlace(namespace)) throw noNamespace(namespace)
    const key = this.#key(namespace, name)
    const when: Condition = version === undefined ? 'absent' : { equals: { version } }
    const also = namespace === undefined ? [] : (this.#kind.also?.(namespace, before, after) ?? [])
    const writes: Write[] = [this.#record(key, name, when, version, after), ...also]
    const project = namespace === undefined ? undefined : projectKey(namespace as ProjectName)
    // Of what is written to the project's own record, the project has to be there as well.
    let inProject = writes.findIndex(
      (write) => 'update' in write && write.update.pk === project?.pk,
    )
    if (project && after && inProject < 0) {
      inProject = writes.push({ check: project, when: 'present' }) - 1
    }
    if (writes.length > MAX_TRANSACTION_WRITES) {
      const most = MAX_TRANSACTION_WRITES - 2
      throw this.#refusal('BadRequest', name, `changes more than ${most} subjects at once`)
    }
    const outcome = await this.#table.transact(writes)
    if (outcome.ok) return true
    if (after && outcome.failed.includes(inProject)) {
      throw noNamespace(namespace)
    }
    return false
  }

  #record(
    key: Key,
    name: string,
    when: Condition,
    version: number | undefined,
    after: StoredObject<Content> | undefined,
  ): Write {
    if (after) return { put: key, item: objectItem(after.meta, after.content), when }
    if (!this.#defaults.has(name)) return { delete: key, when }
    const item: Item = goneItem(Math.max(this.#clock.now(), (version ?? 0) + 1))
    return { put: key, item, when }
  }

  #refuseOther(before: StoredObject<Content>, resourceVersion: string | undefined): void {
    if (resourceVersion === undefined || resourceVersion === before.meta.resourceVersion) return
    throw this.#conflict(
      before.meta.name,
      'the object has been modified; please apply your changes to the latest version and try again',
    )
  }

  #conflict(name: string, detail: string): ObjectError {
    const message = `Operation cannot be fulfilled on ${this.#resource} "${name}": ${detail}`
    return new ObjectError('Conflict', message)
  }

  #refusal(reason: 'AlreadyExists' | 'BadRequest' | 'NotFound', name: string, what: string) {
    return new ObjectError(reason, `${this.#resource} "${name}" ${what}`)
  }

  get #resource(): string {
    const { resource, group } = this.#kind
    return group === '' ? resource : `${resource}.${group}`
  }

  #pk(namespace: string | undefined): string {
    return namespace === undefined ? CLUSTER : projectPk(namespace)
  }

  #key(namespace: string | undefined, name: string): Key {
    return { pk: this.#pk(namespace), sk: this.#prefix + name }
  }
}

const isPlace = (namespace: string | undefined): boolean =>
  namespace === undefined || isProjectName(namespace)

const noNamespace = (namespace: string | undefined): ObjectError =>
  new ObjectError('NotFound', `namespaces "${namespace}" not found`)
