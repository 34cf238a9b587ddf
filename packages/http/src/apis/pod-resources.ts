/** The parts of the registry as `kubectl get pods -n openshift-image-registry` looks for them, and nothing that can be changed. */
import type { PartState, RegistryParts } from '@sluice/core/services/registry-parts'
import { AGE, NAME } from './columns.ts'
import { ANYTHING, wholeSchema } from './schema.ts'
import type { Column, ListedPage, Resource, ResourceStore } from './resource.ts'
import {
  listOf,
  membersOf,
  textOf,
  timeOf,
  type Json,
  type Members,
  type WireObject,
} from './wire-object.ts'

/** OpenShift's project of the registry; no project of images. */
export const REGISTRY_NAMESPACE = 'openshift-image-registry'

export const CONTAINER = 'registry'

const PREFIX = 'image-registry-'

/** Those whose log is the registry's: what OpenShift's deployment selects. */
const LABELS = { 'docker-registry': 'default' }
const SERVING = new Set(['server', 'api'])

export const partOfPod = (pod: string): string | undefined =>
  pod.startsWith(PREFIX) ? pod.slice(PREFIX.length) : undefined

export function podResources(parts: RegistryParts | undefined): readonly Resource[] {
  if (!parts) return []
  const pods = async (): Promise<readonly WireObject[]> => (await parts.list()).map(podOf)
  const common = { version: 'v1', namespaced: true, verbs: ['get', 'list'] } as const
  return [
    {
      ...common,
      group: '',
      kind: 'Pod',
      plural: 'pods',
      singular: 'pod',
      shortNames: ['po'],
      namespaces: [REGISTRY_NAMESPACE],
      columns: [NAME, READY, STATUS, RESTARTS, AGE, LAST_ERROR],
      schema: wholeSchema('A part of the registry.', {
        properties: { spec: ANYTHING, status: ANYTHING },
      }),
      store: onlyRead(pods),
    },
    {
      ...common,
      group: 'apps',
      kind: 'Deployment',
      plural: 'deployments',
      singular: 'deployment',
      shortNames: ['deploy'],
      namespaces: [REGISTRY_NAMESPACE],
      columns: [NAME, AGE],
      schema: wholeSchema('What serves requests.', {
        properties: { spec: ANYTHING, status: ANYTHING },
      }),
      store: onlyRead(async () => (await parts.list()).filter(serves).map(deploymentOf)),
    },
  ]
}

function onlyRead(objects: () => Promise<readonly WireObject[]>): ResourceStore {
  const within = (namespace: string | undefined) =>
    namespace === REGISTRY_NAMESPACE ? objects() : Promise.resolve([])
  return {
    get: async (namespace, name) =>
      (await within(namespace)).find((object) => nameOf(object) === name),
    list: async (namespace, page) => pageOf(await within(namespace), page),
  }
}

/** They are by name. */
function pageOf(
  objects: readonly WireObject[],
  { limit, after = '' }: { readonly limit: number; readonly after?: string | undefined },
): ListedPage {
  const rest = objects.filter((object) => nameOf(object) > after)
  const items = rest.slice(0, limit)
  const last = rest.length > items.length ? items.at(-1) : undefined
  return last ? { items, next: nameOf(last) } : { items }
}

const nameOf = ({ metadata }: WireObject): string => textOf(metadata['name'], 'name')

const serves = ({ name }: PartState): boolean => SERVING.has(name)

function podOf(part: PartState): WireObject {
  const { name, ready, restarts, lastError, lastErrorAt } = part
  const startedAt = timeOf(part.startedAt)
  const failed: Members = lastError === undefined ? {} : { message: lastError, reason: 'Error' }
  const state: Members = ready ? { running: { startedAt } } : { waiting: failed }
  const lastState: Json =
    lastError === undefined
      ? {}
      : {
          terminated: { exitCode: 1, ...failed, finishedAt: timeOf(lastErrorAt ?? part.startedAt) },
        }
  const status = { name: CONTAINER, ready, restartCount: restarts, image: '', imageID: '' }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: PREFIX + name,
      namespace: REGISTRY_NAMESPACE,
      uid: `${REGISTRY_NAMESPACE}.${name}`,
      creationTimestamp: startedAt,
      labels: { part: name, ...(serves(part) && LABELS) },
    },
    spec: { containers: [{ name: CONTAINER }] },
    status: {
      phase: 'Running',
      startTime: startedAt,
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses: [{ ...status, state, lastState }],
    },
  }
}

const deploymentOf = ({ startedAt, ready }: PartState): WireObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'image-registry',
    namespace: REGISTRY_NAMESPACE,
    uid: `${REGISTRY_NAMESPACE}.deployment`,
    creationTimestamp: timeOf(startedAt),
    labels: LABELS,
  },
  spec: {
    replicas: 1,
    selector: { matchLabels: LABELS },
    template: { metadata: { labels: LABELS }, spec: { containers: [{ name: CONTAINER }] } },
  },
  status: { replicas: 1, readyReplicas: ready ? 1 : 0 },
})

const containerOf = ({ status }: WireObject) =>
  membersOf(listOf(membersOf(status, 'status')['containerStatuses'], 'statuses')[0], 'status')

const READY: Column = {
  name: 'Ready',
  cell: (pod) => (containerOf(pod)['ready'] === true ? '1/1' : '0/1'),
}
const STATUS: Column = {
  name: 'Status',
  cell: (pod) => {
    const state = membersOf(containerOf(pod)['state'], 'state')
    return state['running']
      ? 'Running'
      : textOf(membersOf(state['waiting'], 'waiting')['reason'], '')
  },
}
const RESTARTS: Column = {
  name: 'Restarts',
  cell: (pod) => `${Number(containerOf(pod)['restartCount'])}`,
}

/** In wide tables alone. */
const LAST_ERROR: Column = {
  name: 'Last Error',
  priority: 1,
  cell: (pod) => {
    const { terminated } = membersOf(containerOf(pod)['lastState'], 'lastState')
    return textOf(membersOf(terminated, 'terminated')['message'], 'message') || '<none>'
  },
}
