/**
 * What the admin API has, as documents of OpenAPI: `kubectl explain` shows them, and a kubectl before 1.27 checks objects by
 * them, and whether a kind can be tried out (`--dry-run=server`). https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-interface-definition
 */
import { apiVersionOf, type Resource, type Verb } from './resource.ts'
import type { Schema } from './schema.ts'

const INFO = { title: 'Sluice', version: 'v1' }

export interface Parameter {
  readonly name: string
  readonly in: 'query'
  readonly description: string
}

export interface Operation {
  readonly parameters: readonly Parameter[]
  readonly 'x-kubernetes-group-version-kind': GroupVersionKind
}

type GroupVersionKind = Readonly<Record<'group' | 'kind' | 'version', string>>

export type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>

export type Definition = Schema & {
  readonly 'x-kubernetes-group-version-kind': readonly GroupVersionKind[]
}

const DRY_RUN: Parameter = {
  name: 'dryRun',
  in: 'query',
  description: 'All: nothing is written.',
}
const VALIDATION: Parameter = {
  name: 'fieldValidation',
  in: 'query',
  description: 'Of fields that are unknown: Ignore, Warn or Strict.',
}
const WRITES = [DRY_RUN, VALIDATION]

/** What is done to a list, then to one object. */
const METHODS: Readonly<Partial<Record<Verb, readonly [string, readonly Parameter[], boolean]>>> = {
  list: ['get', [], false],
  create: ['post', WRITES, false],
  deletecollection: ['delete', [DRY_RUN], false],
  get: ['get', [], true],
  update: ['put', WRITES, true],
  patch: ['patch', WRITES, true],
  delete: ['delete', [DRY_RUN], true],
}

/** `api/v1`, `apis/rbac.authorization.k8s.io/v1`. */
const rootOf = (resource: Resource): string =>
  `${resource.group === '' ? 'api' : 'apis'}/${apiVersionOf(resource)}`

const kindOf = ({ group, version, kind }: Resource): GroupVersionKind => ({ group, version, kind })

export function pathsOf(resources: readonly Resource[]): Paths {
  const paths: Record<string, Record<string, Operation>> = {}
  for (const resource of resources) {
    const where = resource.namespaced ? 'namespaces/{namespace}/' : ''
    const list = `/${rootOf(resource)}/${where}${resource.plural}`
    for (const verb of resource.verbs) {
      const [method, parameters, named] = METHODS[verb]!
      const operation = { parameters, 'x-kubernetes-group-version-kind': kindOf(resource) }
      const path = named ? `${list}/{name}` : list
      paths[path] = { ...paths[path], [method]: operation }
    }
  }
  return paths
}

/** By a name for each that other documents do not give to others. */
export const definitionsOf = (
  resources: readonly Resource[],
): Readonly<Record<string, Definition>> =>
  Object.fromEntries(
    resources.map((resource) => [
      [...(resource.group || 'core').split('.').toReversed(), resource.version, resource.kind].join(
        '.',
      ),
      { ...resource.schema, 'x-kubernetes-group-version-kind': [kindOf(resource)] },
    ]),
  )

export const openApi2 = (resources: readonly Resource[]): object => ({
  swagger: '2.0',
  info: INFO,
  paths: withAnswers(pathsOf(resources)),
  definitions: definitionsOf(resources),
})

/** The document of one group and version, or the list of all; `undefined` for any other path. */
export function openApi3(path: string, resources: readonly Resource[]): object | undefined {
  const root = path.replace(/^\/openapi\/v3\/?/, '')
  if (root === '') {
    const roots = [...new Set(resources.map(rootOf))]
    const entries = roots.map((one) => [one, { serverRelativeURL: `/openapi/v3/${one}` }])
    return { paths: Object.fromEntries(entries) as object }
  }
  const those = resources.filter((resource) => rootOf(resource) === root)
  if (those.length === 0) return undefined
  const components = { schemas: definitionsOf(those) }
  return { openapi: '3.0.0', info: INFO, paths: withAnswers(pathsOf(those), true), components }
}

/** Which every operation must have. */
const withAnswers = (paths: Paths, third = false): object =>
  mapped(paths, (methods) =>
    mapped(methods, ({ parameters, ...operation }) => ({
      ...operation,
      parameters: parameters.map((one) =>
        third ? { ...one, schema: { type: 'string' } } : { ...one, type: 'string' },
      ),
      responses: { default: { description: 'the object, the list, or a Status' } },
    })),
  )

const mapped = <Value>(
  from: Readonly<Record<string, Value>>,
  to: (value: Value) => object,
): Record<string, object> =>
  Object.fromEntries(Object.entries(from).map(([name, value]) => [name, to(value)]))
