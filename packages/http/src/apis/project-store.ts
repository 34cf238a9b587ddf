/** Projects as `project.openshift.io/v1` writes them, and as namespaces. */
import { ObjectError } from '@sluice/core/object-error'
import { RegistryError } from '@sluice/core/errors'
import type { ProjectRecord } from '@sluice/core/records/project-record'
import type { Registry } from '@sluice/core/registry'
import { parseProjectName, type ProjectName } from '@sluice/core/repository-name'
import type { ListedPage, ResourceStore } from './resource.ts'
import {
  draftOf,
  membersOf,
  metadataOf,
  textOf,
  type Members,
  type WireObject,
} from './wire-object.ts'

/** Settings of ours in a project's annotations. */
export const PUBLIC = 'sluice.dev/public'
export const DEEP_NAMES = 'sluice.dev/deep-names'
export const REQUESTER = 'openshift.io/requester'
/** The upstream that the project caches; nobody sets it but by an upstream of its name. */
export const CACHES = 'sluice.dev/upstream'

interface Form {
  readonly apiVersion: string
  readonly kind: string
  readonly plural: string
}

export function projectStore({ projects }: Pick<Registry, 'projects'>, form: Form): ResourceStore {
  const wire = (name: string, record: ProjectRecord): WireObject => projectWire(form, name, record)
  const find = async (name: string): Promise<WireObject | undefined> => {
    const project = nameOf(name)
    const record = project && (await projects.find(project))
    return record && wire(name, record)
  }
  const qualified = `${form.plural}.project.openshift.io`
  const notFound = (name: string) => new ObjectError('NotFound', `${qualified} "${name}" not found`)
  return {
    get: (_, name) => find(name),
    list: async (_, { limit, after }): Promise<ListedPage> => {
      const items: WireObject[] = []
      for await (const name of projects.list()) {
        if (after !== undefined && name <= after) continue
        if (items.length === limit) return { items, next: items.at(-1)?.metadata['name'] as string }
        const record = await projects.find(name)
        if (record) items.push(wire(name, record))
      }
      return { items }
    },
    create: async ({ by, dryRun }, object) => {
      const { name, settings, upstream } = settingsOf(object)
      const project = validName(name, form)
      if (upstream !== undefined) throw setByUpstream(qualified, name)
      if (await projects.find(project)) throw exists(qualified, name)
      const annotations = { ...settings.annotations, [REQUESTER]: by.user }
      if (!dryRun && !(await projects.create(project, { ...settings, annotations })))
        throw exists(qualified, name)
      return (await find(name)) ?? draftWire(form, object)
    },
    replace: async ({ dryRun }, object) => {
      const { name, settings, version, upstream } = settingsOf(object)
      const before = await projects.find(name as ProjectName)
      if (!before) throw notFound(name)
      // Whoever leaves it out changes nothing either.
      if (upstream !== undefined && upstream !== before.upstream)
        throw setByUpstream(qualified, name)
      const known = version === undefined || version === before.version
      if (
        !known ||
        (!dryRun && !(await projects.change(name as ProjectName, settings, before.version)))
      ) {
        const detail =
          'the object has been modified; please apply your changes to the latest version and try again'
        throw new ObjectError(
          'Conflict',
          `Operation cannot be fulfilled on ${qualified} "${name}": ${detail}`,
        )
      }
      return (await find(name))!
    },
    remove: async ({ dryRun }, name) => {
      const before = await find(name)
      if (!before || (!dryRun && !(await projects.remove(name as ProjectName))))
        throw notFound(name)
      return before
    },
  }
}

const exists = (qualified: string, name: string) =>
  new ObjectError('AlreadyExists', `${qualified} "${name}" already exists`)

function setByUpstream(qualified: string, name: string): ObjectError {
  const field = `metadata.annotations[${CACHES}]`
  const message = 'Forbidden: it is set by the upstream of that name'
  const what = `${qualified} "${name}" is invalid: ${field}: ${message}`
  return new ObjectError('Invalid', what, [{ field, message, reason: 'FieldValueForbidden' }])
}

export function projectWire(form: Form, name: string, record: ProjectRecord): WireObject {
  const { uid, version, createdAt, labels } = record
  // What somebody noted under that name, as a wish for a project may, means nothing.
  const { [CACHES]: _, ...noted } = record.annotations
  const annotations = {
    ...noted,
    ...(record.public ? { [PUBLIC]: 'true' } : {}),
    ...(record.deepNames ? { [DEEP_NAMES]: 'true' } : {}),
    ...(record.upstream === undefined ? {} : { [CACHES]: record.upstream }),
  }
  return {
    apiVersion: form.apiVersion,
    kind: form.kind,
    metadata: metadataOf({
      name,
      uid,
      resourceVersion: String(version),
      createdAt,
      labels,
      annotations,
    }),
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  }
}

const draftWire = (form: Form, object: Members): WireObject => ({
  apiVersion: form.apiVersion,
  kind: form.kind,
  metadata: membersOf(object['metadata'], 'metadata'),
})

const nameOf = (name: string): ProjectName | undefined => {
  try {
    return parseProjectName(name)
  } catch {
    return undefined
  }
}

export function validName(name: string, { kind }: Pick<Form, 'kind'>): ProjectName {
  try {
    return parseProjectName(name)
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    const message = `Invalid value: ${JSON.stringify(name)}: ${String(error.details[0])}`
    const field = 'metadata.name'
    const what = `${kind}.project.openshift.io "${name}" is invalid: ${field}: ${message}`
    throw new ObjectError('Invalid', what, [{ field, message, reason: 'FieldValueInvalid' }])
  }
}

function settingsOf(object: Members) {
  const { name, labels = {}, annotations = {} } = draftOf(object, {})
  const { [PUBLIC]: isPublic, [DEEP_NAMES]: deepNames, [CACHES]: upstream, ...rest } = annotations
  const metadata = membersOf(object['metadata'], 'metadata')
  const version = textOf(metadata['resourceVersion'], 'metadata.resourceVersion')
  return {
    name,
    version: version === '' ? undefined : Number(version),
    upstream,
    settings: {
      labels,
      annotations: rest,
      public: isPublic === 'true',
      deepNames: deepNames === 'true',
    },
  }
}
